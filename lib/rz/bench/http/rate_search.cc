#include "rz/bench/http/rate_search.h"

#include <algorithm>
#include <cmath>

namespace rz::bench {
namespace {

constexpr double kRatePrecision = 1.05;
// Where even the first rate is too high, so much lower ones are tried.
constexpr double kLowestPart = 1.0 / 1024;
constexpr int kLateTries = 4;

}  // namespace

RateSearch::RateSearch(double first, double most)
    : rate_(std::min(first, most)), least_(rate_ * kLowestPart), most_(most) {}

std::optional<double> RateSearch::next() const {
  if (over_) return std::nullopt;
  return rate_;
}

void RateSearch::report(bool met) {
  late_ = 0;
  if (!met && !missed_once_) {
    missed_once_ = true;
    return;
  }
  missed_once_ = false;
  (met ? good_ : bad_.emplace()) = rate_;
  if (!bad_) {
    over_ = rate_ >= most_;
    rate_ = std::min(rate_ * 2, most_);
  } else if (good_ == 0) {
    over_ = rate_ <= least_;
    rate_ /= 2;
  } else {
    over_ = *bad_ / good_ <= kRatePrecision;
    rate_ = std::sqrt(good_ * *bad_);
  }
}

void RateSearch::report_late_sender() { over_ = ++late_ >= kLateTries; }

}  // namespace rz::bench
