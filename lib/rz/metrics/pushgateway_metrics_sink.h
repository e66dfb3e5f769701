#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "rz/metrics/metrics_log.h"
#include "rz/metrics/prometheus_metrics_sink.h"
#include "rz/net/http_client.h"

namespace rz {
class FieldVisitor;
}

namespace rz::metrics {

/// What a flush does with the group of this job and instance.
enum class PushMethod {
  post,    ///< Replaces the families that this run measured.
  put,     ///< Replaces all families.
  remove,  ///< Removes them, for a machine that goes away: a Pushgateway forgets nothing by itself.
};

/// `type: pushgateway`.
struct PushgatewayOptions {
  static constexpr std::string_view kType = "pushgateway";

  std::string url{};           ///< `http://host:9091`.
  std::string job = "rz";      ///< The first label of the group.
  std::string instance{};      ///< The second; empty: the name of the machine.
  std::string prefix = "rz_";  ///< Before every name.
  PushMethod method = PushMethod::post;
};

void visit_fields(FieldVisitor& fields, PushgatewayOptions& options);

/// Pushes measurements to a Pushgateway, named as PrometheusMetricsSink names them. A group is that
/// of one machine, since others would overwrite it. A push replaces values, so counters and
/// histograms of earlier runs are read first, and added to; two runs that push at the same moment
/// may lose the one's. Without a measurement nothing is pushed.
class PushgatewayMetricsSink final : public MetricsSink {
 public:
  /// Does not use the network. Errors: unavailable (a library is missing).
  static Result<std::unique_ptr<PushgatewayMetricsSink>> open(const PushgatewayOptions& options);

  void emit(std::string_view name, double value, const MetricTags& tags,
            std::optional<TimePoint> timestamp) override;
  void emit_counter(std::string_view name, double value, const MetricTags& tags) override;
  void emit_total(std::string_view name, double total, double added,
                  const MetricTags& tags) override;
  void emit_histogram(std::string_view name, double value, const MetricTags& tags) override;

  /// Errors: unavailable, timeout (not pushed, or the old values cannot be read), unsupported (the
  /// Pushgateway refuses them; the message has its reason), invalid_argument as
  /// PrometheusMetricsSink::flush_by.
  Result<void> flush_by(Deadline deadline) override;

 private:
  PushgatewayMetricsSink(PushgatewayOptions options,
                         std::unique_ptr<PrometheusMetricsSink> measured,
                         std::unique_ptr<net::HttpClient> client)
      : options_(std::move(options)), measured_(std::move(measured)), client_(std::move(client)) {}

  Result<void> push(Deadline deadline);
  Result<std::string> send(const std::string& method, const std::string& path, std::string body,
                           Deadline deadline) const;
  std::string group_path() const;

  const PushgatewayOptions options_;
  const std::unique_ptr<PrometheusMetricsSink> measured_;
  const std::unique_ptr<net::HttpClient> client_;
  std::mutex mutex_;                                       ///< Of a flush.
  std::vector<std::pair<std::string, std::string>> told_;  ///< What was pushed.
};

/// A value in the path of a push: as it is, or in the URL-safe base64 that a Pushgateway knows
/// behind `@base64`, where it is empty or has characters that mean something in a path.
std::string group_label(std::string_view name, std::string_view value);

/// The families of `all` that `mine` names, with only the series of that job and instance, and
/// without these labels; labels are in the order of their names.
std::vector<PrometheusFamily> series_of_group(const std::vector<PrometheusFamily>& all,
                                              const std::vector<PrometheusFamily>& mine,
                                              std::string_view job, std::string_view instance);

Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const PushgatewayOptions& options,
                                                       const MetricsLog& log);

}  // namespace rz::metrics
