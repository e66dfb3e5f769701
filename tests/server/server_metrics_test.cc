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

}  // namespace rz::server
