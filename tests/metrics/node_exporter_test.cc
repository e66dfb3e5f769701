// The textfile, as Prometheus' own exporter reads it between any two runs.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "metrics/served_program.h"
#include "rz/metrics/prometheus_metrics_sink.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::metrics {
namespace {

constexpr const char* kProgram = "/usr/bin/prometheus-node-exporter";

TEST_CASE("the node exporter reads what the runs tell, between any two of them") {
  if (!std::filesystem::exists(kProgram)) {
    MESSAGE("skipped: prometheus-node-exporter is not installed");
    return;
  }
  const TempFolder folder;
  ServedProgram exporter({kProgram, "--collector.disable-defaults", "--collector.textfile",
                          "--collector.textfile.directory=" + folder.path()});
  const auto shows = [&](const std::string& line) {
    const std::string text = exporter.ask("GET /metrics HTTP/1.0\r\n\r\n");
    CAPTURE(text);
    CHECK(text.find("\nnode_textfile_scrape_error 0\n") != std::string::npos);
    CHECK(text.find("\n" + line + "\n") != std::string::npos);
  };
  const auto run = [&](auto emit) {
    const auto sink = ok(make_prometheus_sink({.path = folder / "rz.prom"}));
    emit(static_cast<MetricsSink&>(*sink));
    CHECK(message_of(sink->flush()).empty());
  };
  for (int i = 1; i <= 3; ++i) {
    run([&](MetricsSink& sink) {
      sink.emit("fallback_mode", 2, {});
      sink.emit_total("fallback_transitions_total", i, 1, {{"to", "safe"}});
    });
    shows("rz_fallback_transitions_total{to=\"safe\"} " + std::to_string(i));
    run([](MetricsSink& sink) {
      sink.emit_health_check("disk of \"/\"\n", "healthy", 3);
      sink.emit_health_check("db", "unhealthy", 2'000);
    });
    shows("rz_fallback_mode 2");
    shows("rz_health_check_latency_seconds_count{check=\"db\"} " + std::to_string(i));
    run([](MetricsSink&) {});
    shows("rz_health_check_status{check=\"db\",status=\"unhealthy\"} 1");
  }
}

}  // namespace
}  // namespace rz::metrics
