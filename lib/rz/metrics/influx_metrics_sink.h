#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "rz/metrics/metrics_log.h"
#include "rz/metrics/metrics_sink.h"
#include "rz/net/http_client.h"

namespace rz {
class FieldVisitor;
}

namespace rz::metrics {

/// `type: influx`.
struct InfluxOptions {
  static constexpr std::string_view kType = "influx";

  std::string url{};           ///< Where to write, with its query: `http://h:8086/write?db=rz`.
  std::string token{};         ///< As `Authorization: Token`; empty: none.
  std::string prefix = "rz_";  ///< Before every name.
  std::vector<std::string> tags = {};  ///< `key:value` each, of everything.
};

void visit_fields(FieldVisitor& fields, InfluxOptions& options);

/// Writes measurements in the line protocol of InfluxDB, over HTTP. Everything is kept until
/// flush(), which sends it in one request. One series has one point in a write, so the newest value
/// of a gauge is sent as the field `value`, what was added to a counter since the last flush as
/// that, too, and observations as the fields `count` and `sum`. A counter whose total is kept
/// elsewhere (emit_total) is sent as that total. All values are floats, since a field never changes
/// its type, and times are nanoseconds, which is what a server expects that is told nothing else.
///
/// Names and tags may hold any text. Control characters, and what is no UTF-8, become visible, and
/// a backslash, which the protocol cannot express, a wide one (U+FF3C); a tag without a value is
/// left out.
class InfluxMetricsSink final : public MetricsSink {
 public:
  /// Does not use the network. Errors: unavailable (a library is missing).
  static Result<std::unique_ptr<InfluxMetricsSink>> open(const InfluxOptions& options,
                                                         Clock& clock = SystemClock::instance());

  /// How many series are kept until the next flush. A run has fewer; without a limit, memory would
  /// grow for as long as the server is away.
  static constexpr std::size_t kMaxSeries = 10'000;

  void emit(std::string_view name, double value, const MetricTags& tags,
            std::optional<TimePoint> timestamp) override;
  void emit_counter(std::string_view name, double value, const MetricTags& tags) override;
  void emit_total(std::string_view name, double total, double added,
                  const MetricTags& tags) override;
  void emit_histogram(std::string_view name, double value, const MetricTags& tags) override;

  /// Errors: timeout; unavailable, if there is no such host, nobody listens, no answer comes or the
  /// server has an error; unsupported, if it refuses the points (the message has the reason that it
  /// gives, and nothing else of its answer, which may repeat secrets); invalid_argument,
  /// for a measurement that is not finite. What could not be sent is given up.
  Result<void> flush_by(Deadline deadline) override;

 private:
  struct Point {
    std::map<std::string, double, std::less<>> fields{};
    std::optional<TimePoint> timestamp{};  ///< When it was measured; nothing: when it is sent.
  };

  InfluxMetricsSink(InfluxOptions options, std::unique_ptr<net::HttpClient> client, Clock& clock)
      : options_(std::move(options)), client_(std::move(client)), clock_(clock) {}

  /// `name,tag=value` as it begins a line.
  std::string series(std::string_view name, const MetricTags& tags) const;
  /// The point of a series, or null if `value` cannot be sent or there are too many.
  Point* point_of(std::string_view name, const MetricTags& tags, double value);
  std::string take_lines();
  Result<void> send(std::string lines, Deadline deadline) const;
  void note(ErrorCode code, std::string message);

  const InfluxOptions options_;
  const std::unique_ptr<net::HttpClient> client_;
  Clock& clock_;
  std::mutex mutex_;  ///< Guards what follows; nothing waits for the network under it.
  std::map<std::string, Point, std::less<>> points_;  ///< By series.
  std::optional<Error> error_;                        ///< The first since the last flush.
};

Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const InfluxOptions& options,
                                                       const MetricsLog& log);

}  // namespace rz::metrics
