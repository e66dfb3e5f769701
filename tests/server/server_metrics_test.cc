#include "rz/server/server_metrics.h"

#include <doctest/doctest.h>

#include "sample.h"

namespace rz::server {

TEST_CASE("a counter's family ends in _total in Prometheus' format, and not in OpenMetrics") {
  const health::ServeOptions options;
  View view{.options = options};
  view.traffic.answers = {{200, 7}, {503, 1}};
  view.traffic.refreshes = 3;
  const std::string plain = server_metrics(view, false);
  CHECK(plain.find("# TYPE rz_serve_refreshes_total counter\nrz_serve_refreshes_total 3\n") !=
        std::string::npos);
  CHECK(plain.find("rz_serve_answers_total{code=\"503\"} 1\n") != std::string::npos);
  CHECK(plain.find("rz_serve_results_age_seconds") == std::string::npos);
  const std::string open = server_metrics(view, true);
  CHECK(open.find("# TYPE rz_serve_refreshes counter\nrz_serve_refreshes_total 3\n") !=
        std::string::npos);
  CHECK(open.ends_with("rz_serve_answers_total{code=\"503\"} 1\n# EOF\n"));
}

TEST_CASE("the mode has the name and the value that it has in the sinks, while it is known") {
  const health::ServeOptions options;
  const auto shows = [&](std::optional<Mode> mode, std::chrono::nanoseconds age) {
    const View view{.options = options,
                    .snapshot = make_snapshot(sample_report({{"a"}}), {}, {}, mode),
                    .age = age};
    const std::string text = server_metrics(view, false);
    const std::size_t at = text.find("\nrz_fallback_mode ");
    return at == std::string::npos ? std::string() : text.substr(at + 1, 18);
  };
  CHECK(shows(Mode::primary, {}) == "rz_fallback_mode 0");
  CHECK(shows(Mode::safe, {}) == "rz_fallback_mode 2");
  CHECK(shows(std::nullopt, {}).empty());
  CHECK(shows(Mode::safe, std::chrono::hours{1}).empty());
}

}  // namespace rz::server
