#include "rz/bench/http/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

namespace rz::bench {
namespace {

// Durations below 2^11 have a bucket each. From there on each doubling has 2^10 buckets.
constexpr int kLinearBits = 11;
constexpr std::uint64_t kHalf = std::uint64_t{1} << (kLinearBits - 1);
constexpr int kLongestBits = 44;
constexpr std::size_t kBuckets = 2 * kHalf + (kLongestBits - kLinearBits) * kHalf;
static_assert(Histogram::kLongest.count() == (std::int64_t{1} << kLongestBits) - 1);

std::size_t bucket_of(std::uint64_t value) {
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kLinearBits);
  return static_cast<std::size_t>(shift) * kHalf + static_cast<std::size_t>(value >> shift);
}

/// How far the values of `bucket` are shifted: each bucket is 2^shift wide.
int shift_of(std::size_t bucket) {
  return bucket < 2 * kHalf ? 0 : static_cast<int>(bucket / kHalf) - 1;
}

std::uint64_t least_of(std::size_t bucket) {
  const int shift = shift_of(bucket);
  return (bucket - static_cast<std::size_t>(shift) * kHalf) << shift;
}

}  // namespace

Histogram::Histogram() : counts_(kBuckets) {}

void Histogram::record(Nanos duration, std::uint64_t times) {
  if (times == 0) return;
  const Nanos value = std::clamp(duration, Nanos{0}, kLongest);
  counts_[bucket_of(static_cast<std::uint64_t>(value.count()))] += times;
  count_ += times;
  const auto ns = static_cast<double>(value.count());
  sum_ += ns * static_cast<double>(times);
  squares_ += ns * ns * static_cast<double>(times);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  squares_ += other.squares_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

double Histogram::mean_ns() const { return empty() ? 0 : sum_ / static_cast<double>(count_); }

double Histogram::stddev_ns() const {
  if (count_ < 2) return 0;
  const auto n = static_cast<double>(count_);
  return std::sqrt(std::max(0.0, (squares_ - sum_ * sum_ / n) / (n - 1)));
}

// The middle of the bucket, so that the error is half its width.
Histogram::Nanos Histogram::value_of(std::size_t bucket) const {
  const std::uint64_t width = std::uint64_t{1} << shift_of(bucket);
  const Nanos middle{static_cast<std::int64_t>(least_of(bucket) + (width - 1) / 2)};
  return std::clamp(middle, min_, max_);
}

Histogram::Nanos Histogram::percentile(double percent) const {
  if (empty()) return Nanos{0};
  // What is a whole number but for rounding, as 99.9 % of 1000, is that rank.
  constexpr double kRounding = 1 - 1e-12;
  const double part = std::clamp(percent, 0.0, 100.0) / 100;
  const double rank = std::ceil(part * static_cast<double>(count_) * kRounding);
  const auto wanted = std::clamp(static_cast<std::uint64_t>(rank), std::uint64_t{1}, count_);
  // The extremes are known exactly.
  if (wanted == 1) return min_;
  if (wanted == count_) return max_;
  std::uint64_t seen = 0;
  for (std::size_t bucket = bucket_of(static_cast<std::uint64_t>(min_.count()));; ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted) return value_of(bucket);
  }
}

Histogram Histogram::corrected(Nanos interval) const {
  Histogram all = *this;
  const auto step = static_cast<std::uint64_t>(std::max(interval, Nanos{1}).count());
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    if (counts_[bucket] == 0) continue;
    auto value = static_cast<std::uint64_t>(value_of(bucket).count());
    // What falls into one bucket is counted at once: a long stall at a short interval would
    // otherwise be millions of steps.
    while (value >= 2 * step) {
      value -= step;
      const std::uint64_t least = std::max(least_of(bucket_of(value)), step);
      const std::uint64_t further = (value - least) / step;
      const std::uint64_t middle = value - further * step / 2;
      all.record(Nanos{static_cast<std::int64_t>(middle)}, counts_[bucket] * (further + 1));
      value -= further * step;
    }
  }
  return all;
}

Histogram::Parts Histogram::parts() const {
  Parts parts{{}, min(), max(), sum_, squares_};
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    if (counts_[bucket] > 0) parts.buckets.emplace_back(bucket, counts_[bucket]);
  }
  return parts;
}

Result<Histogram> Histogram::restored(const Parts& parts) {
  constexpr std::uint64_t kMostCount = std::uint64_t{1} << 60;
  Histogram histogram;
  if (parts.buckets.empty()) return histogram;
  std::optional<std::uint64_t> last;
  for (const auto& [bucket, count] : parts.buckets) {
    if (bucket >= kBuckets || (last && bucket <= *last) || count == 0 || count > kMostCount ||
        histogram.count_ > kMostCount) {
      return fail(ErrorCode::corrupt, "the buckets of a histogram are not in their order");
    }
    histogram.counts_[bucket] = count;
    histogram.count_ += count;
    last = bucket;
  }
  const auto is_in = [](Nanos time, std::uint64_t bucket) {
    return time.count() >= 0 && time <= kLongest &&
           bucket_of(static_cast<std::uint64_t>(time.count())) == bucket;
  };
  const double least = static_cast<double>(parts.min.count());
  const double n = static_cast<double>(histogram.count_);
  const bool adds_up = std::isfinite(parts.sum) && std::isfinite(parts.squares) &&
                       parts.sum >= least * n * 0.999 && parts.squares >= 0;
  if (!is_in(parts.min, parts.buckets.front().first) || !is_in(parts.max, *last) || !adds_up ||
      parts.min > parts.max) {
    return fail(ErrorCode::corrupt, "the figures of a histogram are not those of its buckets");
  }
  histogram.min_ = parts.min;
  histogram.max_ = parts.max;
  histogram.sum_ = parts.sum;
  histogram.squares_ = parts.squares;
  return histogram;
}

void Histogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = 0;
  sum_ = squares_ = 0;
  min_ = kLongest;
  max_ = Nanos{0};
}

std::uint64_t Histogram::count_between(Nanos begin, Nanos end) const {
  const auto place = [](Nanos time) {
    if (time > kLongest) return kBuckets;
    return bucket_of(static_cast<std::uint64_t>(std::max(time, Nanos{0}).count()));
  };
  std::uint64_t found = 0;
  for (std::size_t bucket = place(begin); bucket < place(end); ++bucket) found += counts_[bucket];
  return found;
}

}  // namespace rz::bench
