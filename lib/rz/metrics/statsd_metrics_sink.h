#pragma once

#include <mutex>

#include "rz/base/file.h"
#include "rz/metrics/metrics_sink.h"

namespace rz {

struct StatsdOptions {
  std::string address = "127.0.0.1:8125";  ///< `host:port` or `[v6]:port`.
  std::string prefix = "rz_";              ///< Before every name.
  bool dogstatsd = false;                  ///< The dialect with tags and histograms.
};

/// Sends measurements to a StatsD server over UDP, packed into datagrams of at most 1432 bytes (one
/// Ethernet frame), each sent when it is full and the last at flush(). Never blocks.
///
/// In plain StatsD, which has no tags, a tag becomes part of the name, `name.key.value`, and a
/// histogram a timer: `x_seconds` is sent as `x`, in milliseconds. DogStatsD gets `|#key:value` and
/// `|h`. Timestamps are left out; neither has them.
class StatsdMetricsSink final : public MetricsSink {
 public:
  /// Looks the host up, here alone. Errors: invalid_argument (no `host:port`), unavailable (no such
  /// host).
  static Result<std::unique_ptr<StatsdMetricsSink>> open(const StatsdOptions& options);

  ~StatsdMetricsSink() override;

  void emit(std::string_view name, double value, const MetricTags& tags,
            std::optional<TimePoint> timestamp) override;
  void emit_counter(std::string_view name, double value, const MetricTags& tags) override;
  void emit_histogram(std::string_view name, double value, const MetricTags& tags) override;

  /// Errors: unavailable, if a datagram could not be sent or (as far as the system knows) nobody
  /// listens; invalid_argument, for a measurement that is not finite or too long for a datagram.
  Result<void> flush() override;

 private:
  StatsdMetricsSink(const StatsdOptions& options, UniqueFd socket)
      : options_(options), socket_(std::move(socket)) {}

  std::string line(std::string_view name, double value, std::string_view type,
                   const MetricTags& tags) const;
  void add(std::string_view name, double value, std::string_view lines);
  void send_pending();
  void note(ErrorCode code, std::string message);

  const StatsdOptions options_;
  UniqueFd socket_;
  std::mutex mutex_;
  std::string pending_;        ///< The datagram being filled.
  std::optional<Error> flaw_;  ///< The first since the last flush.
};

}  // namespace rz
