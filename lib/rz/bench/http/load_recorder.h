#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "rz/bench/http/load_pacer.h"
#include "rz/bench/http/load_request.h"
#include "rz/bench/http/load_result.h"

namespace rz::bench {

/// A request on its way.
struct LoadJob {
  LoadTime due{0};  ///< From when on its latency counts.
  LoadTime sent{0};
  std::uint16_t endpoint = 0;
};

/// Its answer.
struct LoadAnswer {
  int status = 0;
  std::uint64_t bytes = 0;
  LoadTime first_byte{0};  ///< When it came.
  LoadTime complete{0};
};

/// Makes the LoadResult of what happens to the requests. What is of the warm-up is only counted.
class LoadRecorder {
 public:
  explicit LoadRecorder(const std::vector<LoadRequest>& requests);

  /// The moment at which the warm-up ends.
  void begin(LoadTime measured_from) { measured_from_ = measured_from; }

  void answered(const LoadJob& job, const LoadAnswer& answer);
  void failed(const LoadJob& job, LoadError error, LoadTime now);
  void abandoned(const LoadJob& job) { ++(counts(job) ? result.abandoned : result.warm_up); }

  /// No more comes: completes the last second.
  void finish() { complete_second(); }

  /// When the last request was answered or failed.
  LoadTime last_event() const { return last_event_; }

  LoadResult result;

 private:
  bool counts(const LoadJob& job) const { return job.due >= measured_from_; }
  LoadSecond& second_of(LoadTime now);
  void complete_second();

  LoadTime measured_from_ = kNever;
  LoadTime last_event_{0};
  Histogram second_latency_{};  ///< Of the last of result.seconds.
};

}  // namespace rz::bench
