#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "rz/base/result.h"

namespace rz::bench {

/// How often each duration was seen, as HdrHistogram keeps it: in buckets whose width is at most
/// 1/1024 of their value, so that a percentile is at most 0.05 % off. To record one costs a few
/// nanoseconds and no memory. Durations are from 0 to kLongest; a longer one counts as that.
class Histogram {
 public:
  using Nanos = std::chrono::nanoseconds;
  static constexpr Nanos kLongest{(std::int64_t{1} << 44) - 1};  ///< Almost five hours.

  Histogram();

  void record(Nanos duration) { record(duration, 1); }
  void record(Nanos duration, std::uint64_t times);
  void add(const Histogram& other);

  std::uint64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  // All of these are 0 where nothing was recorded; the first three are exact.
  Nanos min() const { return empty() ? Nanos{0} : min_; }
  Nanos max() const { return max_; }
  double mean_ns() const;
  double stddev_ns() const;
  /// The duration that `percent` (0 to 100) of all are not above: the nearest rank.
  Nanos percentile(double percent) const;

  /// With what was not measured because a client waited for an answer instead of sending: where an
  /// answer took longer than `interval`, the requests that it held up are added, each as long as it
  /// would have waited (hdr_record_corrected_value of HdrHistogram). `interval` is above 0.
  Histogram corrected(Nanos interval) const;

  /// What it is made of, to be kept.
  struct Parts {
    /// The number of each bucket that is not empty, ascending, and its count.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> buckets{};
    Nanos min{0};
    Nanos max{0};
    double sum = 0;
    double squares = 0;
  };
  Parts parts() const;
  /// Errors: corrupt (it cannot have been made of these).
  static Result<Histogram> restored(const Parts& parts);

  /// Forgets all, and keeps its memory.
  void clear();

  /// How many of the durations are from `begin` up to, not including, `end`; to the buckets' width.
  std::uint64_t count_between(Nanos begin, Nanos end) const;

 private:
  Nanos value_of(std::size_t bucket) const;

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  double squares_ = 0;
  Nanos min_ = kLongest;
  Nanos max_{0};
};

}  // namespace rz::bench
