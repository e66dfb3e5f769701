#include "rz/metrics/prometheus_metrics_sink.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "rz/base/file.h"
#include "support/print.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::metrics {
namespace {

using PrometheusSink = std::unique_ptr<PrometheusMetricsSink>;

PrometheusSink open_prometheus(const std::string& path = "") {
  return ok(make_prometheus_sink({.path = path}));
}

/// The exposition of what `emit` measures.
template <class Emit>
std::string shown_by(Emit emit) {
  const PrometheusSink sink = open_prometheus();
  emit(static_cast<MetricsSink&>(*sink));
  CHECK(message_of(sink->flush()).empty());
  return sink->serialize();
}

TEST_CASE("a gauge shows its latest value, a counter its sum") {
  CHECK(shown_by([](MetricsSink& sink) {
          sink.emit("fallback_mode", 2);
          sink.emit("fallback_mode", 1);
          sink.emit_counter("fallback_transitions_total", 1, {{"to", "safe"}});
          sink.emit_counter("fallback_transitions_total", 2.5, {{"to", "safe"}});
          sink.emit_counter("fallback_transitions_total", 1, {{"to", "primary"}});
          sink.emit_counter("runs");
        }) ==
        "# HELP rz_fallback_mode The mode that the system runs in: 0 primary, 1 heuristic, 2 "
        "safe.\n"
        "# TYPE rz_fallback_mode gauge\n"
        "rz_fallback_mode 1\n"
        "# HELP rz_fallback_transitions_total Changes of the mode, by the mode entered.\n"
        "# TYPE rz_fallback_transitions_total counter\n"
        "rz_fallback_transitions_total{to=\"primary\"} 1\n"
        "rz_fallback_transitions_total{to=\"safe\"} 3.5\n"
        "# HELP rz_runs_total Measured by rz.\n"
        "# TYPE rz_runs_total counter\n"
        "rz_runs_total 1\n");
}

TEST_CASE("a histogram shows cumulative buckets from a millisecond to a minute") {
  CHECK(shown_by([](MetricsSink& sink) {
          for (const double seconds : {0.001, 0.3, 0.3, 61.0}) {
            sink.emit_histogram("run_seconds", seconds, {{"check", "db"}});
          }
        }) ==
        "# HELP rz_run_seconds Measured by rz.\n"
        "# TYPE rz_run_seconds histogram\n"
        "rz_run_seconds_count{check=\"db\"} 4\n"
        "rz_run_seconds_sum{check=\"db\"} 61.601\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"0.001\"} 1\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"0.0025\"} 1\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"0.005\"} 1\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"0.01\"} 1\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"0.025\"} 1\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"0.05\"} 1\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"0.1\"} 1\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"0.25\"} 1\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"0.5\"} 3\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"1\"} 3\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"2.5\"} 3\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"5\"} 3\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"10\"} 3\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"30\"} 3\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"60\"} 3\n"
        "rz_run_seconds_bucket{check=\"db\",le=\"+Inf\"} 4\n");
}

TEST_CASE("families and series come in the order of their names, however they came in") {
  const auto emit = [](bool backwards) {
    return shown_by([backwards](MetricsSink& sink) {
      for (int i = 0; i < 20; ++i) {
        const int n = backwards ? 19 - i : i;
        sink.emit("m" + std::to_string(n % 5), n, {{"n", std::to_string(n)}});
      }
    });
  };
  CHECK(emit(false) == emit(true));
  const std::string text = emit(false);
  CHECK(text.find("rz_m0{n=\"0\"}") < text.find("rz_m0{n=\"10\"}"));
  CHECK(text.find("rz_m0{n=\"5\"}") < text.find("rz_m1{n=\"1\"}"));
}

TEST_CASE("names are bent to Prometheus' data model") {
  const auto gauge = [](const char* name, const MetricTags& tags) {
    const std::string text =
        shown_by([&](MetricsSink& sink) { sink.emit(name, 1, tags, TimePoint{Micros{5}}); });
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
  };
  CHECK(gauge("disk.used-percent é", {}) == "rz_disk_used_percent___ 1\n");
  CHECK(gauge("a:b", {{"a:b", "x"}}) == "rz_a_b{a_b=\"x\"} 1\n");
  CHECK(gauge("m", {{"1st", "x"}}) == "rz_m{_1st=\"x\"} 1\n");
  CHECK(gauge("m", {{"__name__", "x"}}) == "rz_m{_name__=\"x\"} 1\n");
  CHECK(gauge("m", {{"", "x"}}) == "rz_m{_=\"x\"} 1\n");
  CHECK(gauge("m", {{"a.b", "1"}, {"a_b", "2"}}) == "rz_m{a_b=\"1\",a_b_=\"2\"} 1\n");
  CHECK(gauge("m\nforged 1", {{"k\"} 1\nforged", "x"}}) == "rz_m_forged_1{k___1_forged=\"x\"} 1\n");
}

TEST_CASE("a tag named like the bound of a bucket does not become one") {
  const std::string text = shown_by([](MetricsSink& sink) {
    sink.emit_histogram("run_seconds", 1, {{"le", "x"}});
  });
  CHECK(text.find("rz_run_seconds_count{le_=\"x\"} 1\n") != std::string::npos);
}

TEST_CASE("label values are escaped, and never break the line or the file's UTF-8") {
  const auto label = [](const std::string& value) {
    const std::string text = shown_by([&](MetricsSink& sink) {
      sink.emit("m", 1, {{"k", value}});
    });
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
  };
  CHECK(label("plain é") == "rz_m{k=\"plain é\"} 1\n");
  CHECK(label("") == "rz_m{k=\"\"} 1\n");
  CHECK(label("say \"hi\"") == "rz_m{k=\"say \\\"hi\\\"\"} 1\n");
  CHECK(label("C:\\x") == "rz_m{k=\"C:\\\\x\"} 1\n");
  CHECK(label("a\nrz_forged 1") == "rz_m{k=\"a\\\\nrz_forged 1\"} 1\n");
  CHECK(label("\x1b\xff") == "rz_m{k=\"\\\\x1b\\\\xff\"} 1\n");
}

TEST_CASE("numbers are written in full") {
  const auto value = [](double number) {
    const std::string text = shown_by([&](MetricsSink& sink) { sink.emit("m", number); });
    return text.substr(text.rfind(' ') + 1);
  };
  CHECK(value(1'767'323'045.000006) == "1767323045.000006\n");
  CHECK(value(-0.1) == "-0.1\n");
  CHECK(value(std::numeric_limits<double>::infinity()) == "+Inf\n");
  CHECK(value(-std::numeric_limits<double>::infinity()) == "-Inf\n");
}

TEST_CASE("a name for two kinds of measurement is told once, and the others are written") {
  const TempFolder folder;
  const std::string path = folder / "rz.prom";
  const PrometheusSink sink = open_prometheus(path);
  MetricsSink& metrics = *sink;
  metrics.emit("m", 1);
  metrics.emit_histogram("m", 2);
  metrics.emit_histogram("h", 2);
  metrics.emit("h_count", 9);  // A series that the histogram shows already.
  metrics.emit("good", 3);
  CHECK(error_of(sink->flush()) ==
        Error{ErrorCode::invalid_argument, "'m' is used for two kinds of measurement", path});
  const std::string text = ok(read_file(path, 100'000));
  CHECK(text == sink->serialize());
  CHECK(text.find("\nrz_m 1\n") != std::string::npos);
  CHECK(text.find("\nrz_good 3\n") != std::string::npos);
  CHECK(text.find("\nrz_h_count 1\n") != std::string::npos);
  CHECK(text.find(" 9\n") == std::string::npos);
  CHECK(sink->flush().has_value());
}

TEST_CASE("a counter that would go down stays, and is told") {
  const PrometheusSink sink = open_prometheus();
  MetricsSink& metrics = *sink;
  metrics.emit_counter("runs", 3);
  metrics.emit_counter("runs", -1);
  CHECK(error_of(sink->flush()) ==
        Error{ErrorCode::invalid_argument, "the counter 'runs' went down", ""});
  metrics.emit_counter("runs", std::numeric_limits<double>::quiet_NaN());
  CHECK(code_of(sink->flush()) == ErrorCode::invalid_argument);
  CHECK(sink->serialize().ends_with("\nrz_runs_total 3\n"));
}

TEST_CASE("the textfile is replaced whole or not at all") {
  const TempFolder folder;
  const std::string path = folder / "rz.prom";
  const PrometheusSink sink = open_prometheus(path);
  CHECK(sink->flush().has_value());
  sink->emit("m", 1, {}, std::nullopt);
  CHECK_FALSE(std::filesystem::exists(path));  // Until a flush has something to tell.
  CHECK(sink->flush().has_value());
  CHECK(ok(read_file(path, 1'000)) == sink->serialize());

  const PrometheusSink lost = open_prometheus(folder / "none/rz.prom");
  lost->emit("m", 1, {}, std::nullopt);
  const Error error = error_of(lost->flush());
  CHECK(error.where == folder / "none/rz.prom");
  const PrometheusSink full = open_prometheus("/dev/full");
  full->emit("m", 1, {}, std::nullopt);
  CHECK(message_of(full->flush()) == "/dev/full: cannot write: No space left on device");
  const auto files = std::filesystem::directory_iterator(folder.path());
  CHECK(std::distance(begin(files), end(files)) == 1);
}

TEST_CASE("what one run told adds up with the next, and stays when another tells of other things") {
  const TempFolder folder;
  const std::string path = folder / "rz.prom";
  const auto run = [&](auto emit) {
    const PrometheusSink sink = open_prometheus(path);
    emit(static_cast<MetricsSink&>(*sink));
    CHECK(message_of(sink->flush()).empty());
    CHECK(message_of(sink->flush()).empty());  // A second time adds nothing.
    return ok(read_file(path, 100'000));
  };
  const auto has = [](const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
  };
  const auto cascade = [](double total, const char* to) {
    return [=](MetricsSink& sink) {
      sink.emit("fallback_mode", total, {});
      sink.emit_total("fallback_transitions_total", total, 1, {{"to", to}});
    };
  };
  run(cascade(5, "safe"));
  const std::string both = run(cascade(2, "primary"));
  CHECK(has(both, "rz_fallback_mode 2"));
  CHECK(has(both, "rz_fallback_transitions_total{to=\"safe\"} 5"));
  CHECK(has(both, "rz_fallback_transitions_total{to=\"primary\"} 2"));
  // Whoever read the store before, and writes later.
  CHECK(has(run(cascade(4, "safe")), "rz_fallback_transitions_total{to=\"safe\"} 5"));

  const auto health = [](MetricsSink& sink) {
    sink.emit_health_check("db", "healthy", 3);
    sink.emit_counter("runs", 1, {});
  };
  run(health);
  const std::string after = run([](MetricsSink& sink) {
    sink.emit_health_check("disk", "healthy", 3);
    sink.emit_health_check("disk", "degraded", 2'000);
    sink.emit_counter("runs", 1, {});
  });
  CHECK(has(after, "rz_fallback_mode 4"));
  CHECK(has(after, "rz_fallback_transitions_total{to=\"safe\"} 5"));
  CHECK(has(after, "rz_runs_total 2"));
  CHECK(after.find("rz_health_check_status{check=\"db\"") == std::string::npos);
  CHECK(has(after, "rz_health_check_latency_seconds_count{check=\"db\"} 1"));
  CHECK(has(after, "rz_health_check_latency_seconds_count{check=\"disk\"} 2"));
  CHECK(has(after, "rz_health_check_latency_seconds_bucket{check=\"disk\",le=\"0.005\"} 1"));
  CHECK(has(after, "rz_health_check_latency_seconds_bucket{check=\"disk\",le=\"+Inf\"} 2"));

  CHECK(run([](MetricsSink&) {}) == after);
}

TEST_CASE("a file that is not in the format is replaced, and that is said") {
  const TempFolder folder;
  const std::string path = folder / "rz.prom";
  const char* const garbled[] = {"half a li",
                                 "m 1 2 3\n",
                                 "m{a=\"b} 1\n",
                                 "{} 1\n",
                                 "m x\n",
                                 "m 1\nn 1\nm 2\n",
                                 "# TYPE m gauge\nm 1\n# TYPE m gauge\n"};
  for (const char* text : garbled) {
    CAPTURE(text);
    REQUIRE(write_file(path, text));
    const PrometheusSink sink = open_prometheus(path);
    sink->emit("m", 1, {}, std::nullopt);
    const Error error = error_of(sink->flush());
    CHECK(error.code == ErrorCode::corrupt);
    CHECK(error.message.starts_with("the old file is not in Prometheus' text format (line "));
    CHECK(ok(read_file(path, 1'000)) == sink->serialize());
    CHECK(sink->flush().has_value());
  }
}

TEST_CASE("the textfile can be read by the exporter, whatever the umask of who writes it") {
  const TempFolder folder;
  const std::string path = folder / "rz.prom";
  const mode_t before = ::umask(077);
  const PrometheusSink sink = open_prometheus(path);
  sink->emit("m", 1, {}, std::nullopt);
  const auto flushed = sink->flush();
  ::umask(before);
  CHECK(flushed.has_value());
  CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms{0644});
}

TEST_CASE("runs that write at once lose nothing of each other, and no reader sees a half") {
  const TempFolder folder;
  const std::string path = folder / "rz.prom";
  constexpr int kRuns = 40;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&path] {
      for (int k = 0; k < kRuns; ++k) {
        const auto sink = make_prometheus_sink({.path = path});
        (*sink)->emit_counter("runs", 1, {});
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes{10};
        (void)(*sink)->flush_by(deadline).has_value();
      }
    });
  }
  int garbled = 0;
  for (int k = 0; k < 200; ++k) {
    const auto text = read_file(path, 100'000);
    if (text && !text->ends_with('\n')) ++garbled;
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(garbled == 0);
  CHECK(ok(read_file(path, 100'000)).ends_with("\nrz_runs_total 160\n"));
}

TEST_CASE("a lock that another one holds is waited for until the deadline") {
  const TempFolder folder;
  const std::string path = folder / "rz.prom";
  const PrometheusSink sink = open_prometheus(path);
  sink->emit_counter("runs", 1, {});
  {
    const UniqueFd held = ok(lock_folder_of(path, std::chrono::steady_clock::now()));
    CHECK(code_of(sink->flush_by(std::chrono::steady_clock::now())) == ErrorCode::timeout);
    CHECK_FALSE(std::filesystem::exists(path));
  }
  CHECK(sink->flush().has_value());  // And nothing was lost.
  CHECK(ok(read_file(path, 1'000)) == sink->serialize());
}

TEST_CASE("a prefix of any form makes names that Prometheus takes") {
  const auto first_of = [](const std::string& prefix) {
    const PrometheusSink sink = ok(make_prometheus_sink({.path = "", .prefix = prefix}));
    sink->emit("m", 1, {}, std::nullopt);
    const std::string text = sink->serialize();
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
  };
  CHECK(first_of("") == "m 1\n");
  CHECK(first_of("__x-") == "_x_m 1\n");
  CHECK(first_of("9") == "_9m 1\n");
}

TEST_CASE("threads measure side by side and nothing is lost") {
  const PrometheusSink sink = open_prometheus();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&sink, i] {
      for (int k = 0; k < 500; ++k) {
        sink->emit_counter("runs", 1, {{"thread", std::to_string(i % 2)}});
        if (k % 100 == 0) (void)sink->serialize();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(
      sink->serialize().ends_with("\nrz_runs_total{thread=\"0\"} 1000\n"
                                  "rz_runs_total{thread=\"1\"} 1000\n"));
}

}  // namespace
}  // namespace rz::metrics
