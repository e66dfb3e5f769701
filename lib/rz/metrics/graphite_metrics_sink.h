#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "rz/metrics/metrics_log.h"
#include "rz/metrics/metrics_sink.h"

namespace rz {
class FieldVisitor;
}

namespace rz::metrics {

/// `type: graphite`.
struct GraphiteOptions {
  static constexpr std::string_view kType = "graphite";

  std::string address = "127.0.0.1:2003";  ///< `host:port` or `[v6]:port`.
  bool udp = false;                        ///< Datagrams instead of a TCP connection.
  bool tags = false;                       ///< `name;key=value` (Graphite 1.1) instead of a path.
  std::string prefix = "rz.";              ///< Before every name.
};

void visit_fields(FieldVisitor& fields, GraphiteOptions& options);

/// Sends measurements in Graphite's plaintext protocol, `PATH VALUE SECONDS` lines. Everything is
/// kept until flush(), the only call that waits: it resolves the host, connects, sends and closes.
/// Graphite keeps one value of a path for each second, so each path is sent once: the newest value
/// of a gauge, the sum of a counter, and observations as `NAME.count` and `NAME.sum`. The value of
/// a counter is what was added since the last flush, for `integral()`; a counter whose total is
/// kept elsewhere (emit_total) is sent as that total, for `perSecond()`.
///
/// A tag becomes part of the path, `name.key.value`, or one of Graphite's own. Letters, digits, `_`
/// and `-` are kept, and in a name single dots; every other byte becomes `_`.
class GraphiteMetricsSink final : public MetricsSink {
 public:
  /// Does not use the network. Errors: invalid_argument (no `host:port`).
  static Result<std::unique_ptr<GraphiteMetricsSink>> open(const GraphiteOptions& options,
                                                           Clock& clock = SystemClock::instance());

  /// How many paths are kept until the next flush. A run has fewer; without a limit, memory would
  /// grow for as long as the server is away.
  static constexpr std::size_t kMaxPaths = 10'000;

  void emit(std::string_view name, double value, const MetricTags& tags,
            std::optional<TimePoint> timestamp) override;
  void emit_counter(std::string_view name, double value, const MetricTags& tags) override;
  void emit_total(std::string_view name, double total, double added,
                  const MetricTags& tags) override;
  void emit_histogram(std::string_view name, double value, const MetricTags& tags) override;

  /// Errors: timeout; unavailable, if there is no such host, or nobody listens (over UDP as far as
  /// the system knows); invalid_argument, for a measurement that is not finite or too long for a
  /// line. What could not be sent is given up.
  Result<void> flush_by(Deadline deadline) override;

 private:
  struct Measurement {
    double value = 0;
    std::optional<TimePoint> timestamp{};  ///< When it was measured; nothing: when it is sent.
  };

  GraphiteMetricsSink(GraphiteOptions options, std::string host, std::uint16_t port, Clock& clock)
      : options_(std::move(options)), host_(std::move(host)), port_(port), clock_(clock) {}

  std::string path(std::string_view name, const MetricTags& tags) const;
  void set(std::string path, Measurement measurement);
  void add(std::string path, double value);
  /// The place of `path`, or null if `value` cannot be sent or there are too many.
  Measurement* place_of(std::string path, double value);
  std::vector<std::string> take_lines();
  Result<void> send(const std::vector<std::string>& lines, Deadline deadline) const;
  void note(ErrorCode code, std::string message);

  const GraphiteOptions options_;
  const std::string host_;
  const std::uint16_t port_;
  Clock& clock_;
  std::mutex mutex_;  ///< Guards what follows; nothing waits for the network under it.
  std::map<std::string, Measurement> measured_;  ///< By path.
  std::optional<Error> error_;                   ///< The first since the last flush.
};

Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const GraphiteOptions& options,
                                                       const MetricsLog& log);

}  // namespace rz::metrics
