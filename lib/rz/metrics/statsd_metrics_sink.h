#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "rz/metrics/metrics_log.h"
#include "rz/metrics/metrics_sink.h"
#include "rz/net/datagram_socket.h"

namespace rz {
class FieldVisitor;
}

namespace rz::metrics {

/// `type: statsd`.
struct StatsdOptions {
  static constexpr std::string_view kType = "statsd";

  /// `host:port`, `[v6]:port`, or `unix:PATH` of a datagram socket.
  std::string address = "127.0.0.1:8125";
  std::string prefix = "rz_";          ///< Before every name.
  bool dogstatsd = false;              ///< The dialect with tags and histograms.
  std::vector<std::string> tags = {};  ///< `key:value` each, of everything; of dogstatsd only.
};

void visit_fields(FieldVisitor& fields, StatsdOptions& options);

/// Sends measurements to a StatsD server over UDP or a unix socket, packed into datagrams of at
/// most 1432 bytes (one Ethernet frame). They are kept until the first flush(), which resolves the
/// host; from then on each is sent when it is full, and the last one at flush(). Only flush()
/// waits, and only for the name service.
///
/// In plain StatsD, which has no tags, a tag becomes part of the name, `name.key.value`, and a
/// histogram a timer: `x_seconds` is sent as `x`, in milliseconds. DogStatsD gets `|#key:value` and
/// `|h`, and the status of a health check as a service check, too. Timestamps are left out.
class StatsdMetricsSink final : public MetricsSink {
 public:
  /// Does not use the network. Errors: invalid_argument (no such address).
  static Result<std::unique_ptr<StatsdMetricsSink>> open(const StatsdOptions& options);

  /// Sends what was not sent yet, if the host is known or is an IP address.
  ~StatsdMetricsSink() override;

  void emit(std::string_view name, double value, const MetricTags& tags,
            std::optional<TimePoint> timestamp) override;
  void emit_counter(std::string_view name, double value, const MetricTags& tags) override;
  void emit_histogram(std::string_view name, double value, const MetricTags& tags) override;
  void emit_health_check(std::string_view check, std::string_view status, double latency_ms,
                         std::string_view message) override;
  void emit_event(const MetricEvent& event) override;

  /// Errors: timeout, if the name service does not answer; unavailable, if there is no such host, a
  /// datagram could not be sent or (as far as the system knows) nobody
  /// listens; invalid_argument, for a measurement that is not finite or too long for a datagram.
  Result<void> flush_by(Deadline deadline) override;

 private:
  StatsdMetricsSink(const StatsdOptions& options, std::string host, std::uint16_t port)
      : options_(options), host_(std::move(host)), port_(port) {}

  std::string line(std::string_view name, double value, std::string_view type,
                   const MetricTags& tags) const;
  std::string dogstatsd_tags(const MetricTags& tags) const;
  void add(std::string_view name, double value, std::string_view lines);
  void connect(Deadline deadline);
  void finish_datagram();
  void send_all();
  void note(Error error);

  const StatsdOptions options_;
  const std::string host_;      ///< Or the path of a unix socket, without a port.
  const std::uint16_t port_;    ///< 0: of a unix socket.
  net::DatagramSocket socket_;  ///< Open once the host is known.
  std::mutex mutex_;
  std::string pending_;               ///< The datagram being filled.
  std::vector<std::string> waiting_;  ///< Those that are full.
  std::optional<Error> error_;        ///< The first since the last flush.
};

Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const StatsdOptions& options,
                                                       const MetricsLog& log);

}  // namespace rz::metrics
