#include "rz/server/server_metrics.h"

#include "rz/reports/writing/measurements.h"

namespace rz::server {
namespace {

/// Writes families whose names and labels need no escapes.
class FamilyWriter {
 public:
  explicit FamilyWriter(bool openmetrics) : openmetrics_(openmetrics) {}

  void gauge(std::string_view name, std::string_view help, double value) {
    begin(name, name, "gauge", help);
    sample(name, "", reports::plain_number(value));
  }

  /// `name` without `_total`, which OpenMetrics has in the samples alone.
  void begin_counter(std::string_view name, std::string_view help) {
    begin(openmetrics_ ? std::string(name) : std::string(name) + "_total", name, "counter", help);
  }
  void count(std::string_view name, std::string_view labels, std::uint64_t value) {
    sample(std::string(name) + "_total", labels, std::to_string(value));
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    begin_counter(name, help);
    count(name, "", value);
  }

  std::string finish() { return std::move(text_) + (openmetrics_ ? "# EOF\n" : ""); }

 private:
  void begin(std::string_view family, std::string_view name, std::string_view type,
             std::string_view help) {
    text_.append("# HELP ").append(family).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(family).append(" ").append(type).append("\n");
    if (openmetrics_ && name.ends_with("_seconds")) {
      text_.append("# UNIT ").append(family).append(" seconds\n");
    }
  }
  void sample(std::string_view name, std::string_view labels, const std::string& value) {
    text_.append(name).append(labels).append(" ").append(value).append("\n");
  }

  bool openmetrics_;
  std::string text_;
};

}  // namespace

std::string server_metrics(const View& view, bool openmetrics) {
  FamilyWriter out(openmetrics);
  out.gauge("rz_serve_results_usable",
            "1 if there are results that are not too old, else 0 and no metrics of checks.",
            cannot_tell(view) ? 0 : 1);
  // Under the name, and with the value, that it has in the sinks.
  if (view.snapshot && view.snapshot->mode && !cannot_tell(view)) {
    out.gauge("rz_fallback_mode",
              "The mode that the system runs in: 0 primary, 1 heuristic, 2 safe.",
              static_cast<double>(*view.snapshot->mode));
  }
  if (view.snapshot) {
    out.gauge("rz_serve_results_age_seconds", "How long ago the run of the results began.",
              std::chrono::duration<double>(view.age).count());
  }
  out.gauge("rz_serve_draining", "1 if it has been told to stop.", view.draining ? 1 : 0);
  out.counter("rz_serve_refreshes", "Runs of the checks that have ended.", view.traffic.refreshes);
  out.gauge("rz_serve_connections", "Connections that are open.",
            static_cast<double>(view.traffic.connections));
  out.counter("rz_serve_connections_evicted", "Connections that were closed to make room.",
              view.traffic.connections_closed_full);
  out.counter("rz_serve_connections_timed_out", "Connections whose time was over.",
              view.traffic.connections_timed_out);
  out.counter("rz_serve_ingested", "Reports of components that webhooks brought.",
              view.traffic.ingested);
  out.begin_counter("rz_serve_answers", "Answers, by status code.");
  for (const auto& [code, count] : view.traffic.answers) {
    out.count("rz_serve_answers", "{code=\"" + std::to_string(code) + "\"}", count);
  }
  return out.finish();
}

}  // namespace rz::server
