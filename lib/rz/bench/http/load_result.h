#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "rz/bench/http/histogram.h"
#include "rz/bench/http/load_error.h"
#include "rz/bench/http/load_options.h"

namespace rz::bench {

/// What became of the requests of one endpoint.
struct EndpointResult {
  std::string name;
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;  ///< Not answered, or by a status of 400 or more.
  Histogram latency;
};

/// One second of a run.
struct LoadSecond {
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
  std::chrono::nanoseconds longest{0};
  std::chrono::nanoseconds median{0};  ///< Of the latencies; 0 where there are none.
  std::chrono::nanoseconds p99{0};
};

/// What a run has measured. Each request that was due after the warm-up is counted once: answered,
/// in one of `errors`, dropped, or abandoned.
struct LoadResult {
  /// The sender is called late, and the run invalid, if it sent more than a hundredth of the
  /// requests later than this.
  static constexpr std::chrono::milliseconds kLatenessLimit{1};

  bool open_loop = false;
  bool interrupted = false;                 ///< By whoever runs it: it ended early.
  std::chrono::nanoseconds elapsed{0};      ///< From the end of the warm-up to the last answer.
  std::chrono::nanoseconds sending{0};      ///< From there to the end of sending.
  std::uint64_t answered = 0;               ///< Whatever the status.
  std::array<std::uint64_t, 6> statuses{};  ///< Of the answers, by hundreds.
  LoadErrorCounts errors{};
  std::uint64_t queued = 0;         ///< Waited for a connection.
  std::uint64_t dropped = 0;        ///< Were never sent.
  std::uint64_t abandoned = 0;      ///< In flight or waiting when the run was interrupted.
  std::uint64_t warm_up = 0;        ///< Requests of the warm-up, in none of the others.
  std::uint64_t bytes = 0;          ///< Of the answers, heads included.
  std::uint64_t connections = 0;    ///< That were made, the warm-up included.
  std::uint64_t stray_answers = 0;  ///< Bytes that came while no request was under way.
  /// Time that the sender itself took on a processor, the warm-up included, and the part that this
  /// is of the run: near 1, the sender may be what limits.
  std::chrono::nanoseconds processor{0};
  double processor_share = 0;

  Histogram latency;     ///< Of answers, and of what timed out: with the time it was waited for.
  Histogram first_byte;  ///< From sending to the first byte of the answer.
  Histogram connect;
  Histogram tls;       ///< Handshakes.
  Histogram lateness;  ///< Of the sender, in an open loop.
  std::vector<EndpointResult> endpoints;
  std::vector<LoadSecond> seconds;  ///< From the end of the warm-up on.
  std::string first_failure;  ///< What the system or TLS said of the first connection that failed.

  std::uint64_t failed() const;      ///< The sum of `errors`.
  std::uint64_t bad_status() const;  ///< Answers with a status of 400 or more.
  std::uint64_t sent() const { return answered + failed(); }
  /// All that were due, but for what an interruption cut off.
  std::uint64_t due() const { return sent() + dropped; }
  double throughput() const;  ///< Answers a second.
  double error_rate() const;  ///< Of all that were due, what had no answer below 400; 0 to 1.
  double sent_rate() const;   ///< Requests a second while they were sent.
  bool is_late() const;       ///< Whether the sender was: the figures then are its own as well.
  /// What one request after the other would have taken: the median. `corrected` is by this.
  std::chrono::nanoseconds usual_interval() const { return latency.percentile(50); }
  /// Of a closed loop.
  Histogram corrected() const;
};

}  // namespace rz::bench
