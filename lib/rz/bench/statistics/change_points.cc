#include "rz/bench/statistics/change_points.h"

#include <algorithm>
#include <cmath>

#include "rz/bench/statistics/student_t.h"
#include "rz/bench/statistics/summary.h"

namespace rz::bench {
namespace {

constexpr double kSignificance = 0.001;
constexpr std::size_t kLeastLevel = 3;
constexpr std::size_t kLeastSteps = 4;

/// A part of the series, and how its two sides differ if it is split.
class Segment {
 public:
  explicit Segment(std::span<const double> values) : values_(values) {}

  /// The split with the greatest energy distance; nothing if no side would be long enough.
  std::optional<std::size_t> best_split() {
    std::optional<std::size_t> best;
    double greatest = 0;
    across_ = left_ = right_ = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) right_ += distances(i, i + 1, values_.size());
    for (std::size_t split = 1; split + kLeastLevel <= values_.size(); ++split) {
      move_to_left(split - 1);
      if (split < kLeastLevel) continue;
      const double distance = energy(split);
      if (best && distance <= greatest) continue;
      best = split;
      greatest = distance;
    }
    return best;
  }

 private:
  double distances(std::size_t of, std::size_t begin, std::size_t end) const {
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += std::abs(values_[of] - values_[i]);
    return sum;
  }

  /// Takes the sums of distances along instead of computing them anew for each split.
  void move_to_left(std::size_t i) {
    const double to_left = distances(i, 0, i);
    const double to_right = distances(i, i + 1, values_.size());
    left_ += to_left;
    right_ -= to_right;
    across_ += to_right - to_left;
  }

  double energy(std::size_t split) const {
    const auto m = static_cast<double>(split);
    const auto n = static_cast<double>(values_.size() - split);
    const double divergence =
        2 * across_ / (m * n) - 2 * left_ / (m * (m - 1)) - 2 * right_ / (n * (n - 1));
    return divergence * m * n / (m + n);
  }

  std::span<const double> values_;
  double across_ = 0;  ///< Of pairs with one on either side.
  double left_ = 0;    ///< Of pairs on the left side.
  double right_ = 0;
};

double difference_of(std::span<const double> series, std::size_t begin, std::size_t split,
                     std::size_t end) {
  return welch(moments_of(series.subspan(begin, split - begin)),
               moments_of(series.subspan(split, end - split)))
      .p;
}

/// Splits until no split is significant.
void split_levels(std::span<const double> series, std::size_t begin, std::size_t end,
                  std::vector<std::size_t>& found) {
  if (end - begin < 2 * kLeastLevel) return;
  const auto best = Segment(series.subspan(begin, end - begin)).best_split();
  if (!best || difference_of(series, begin, begin + *best, end) >= kSignificance) return;
  split_levels(series, begin, begin + *best, found);
  found.push_back(begin + *best);
  split_levels(series, begin + *best, end, found);
}

/// The figures of the level that ends, and of the one that begins, at `found[i]`.
struct Neighbours {
  std::size_t begin;
  std::size_t end;
};
Neighbours neighbours(const std::vector<std::size_t>& found, std::size_t i, std::size_t size) {
  return {i == 0 ? 0 : found[i - 1], i + 1 == found.size() ? size : found[i + 1]};
}

/// A split was judged by all figures around it at that time; what later splits leave beside it may
/// not differ. The weakest goes first, since its neighbours then gain its figures.
void drop_weak(std::span<const double> series, std::vector<std::size_t>& found) {
  while (!found.empty()) {
    std::size_t weakest = 0;
    double greatest = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Neighbours beside = neighbours(found, i, series.size());
      const double p = difference_of(series, beside.begin, found[i], beside.end);
      if (p > greatest) {
        greatest = p;
        weakest = i;
      }
    }
    if (greatest < kSignificance) return;
    found.erase(found.begin() + static_cast<std::ptrdiff_t>(weakest));
  }
}

double median_between(std::span<const double> series, std::size_t begin, std::size_t end) {
  std::vector<double> values(series.begin() + static_cast<std::ptrdiff_t>(begin),
                             series.begin() + static_cast<std::ptrdiff_t>(end));
  return median_of(values);
}

}  // namespace

std::vector<ChangePoint> find_change_points(std::span<const double> series) {
  std::vector<double> logarithms;
  for (const double figure : series) logarithms.push_back(std::log(figure));
  std::vector<std::size_t> found;
  split_levels(logarithms, 0, logarithms.size(), found);
  drop_weak(logarithms, found);

  std::vector<ChangePoint> changes;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Neighbours beside = neighbours(found, i, series.size());
    changes.push_back({found[i],
                       median_between(series, found[i], beside.end) /
                           median_between(series, beside.begin, found[i]),
                       difference_of(logarithms, beside.begin, found[i], beside.end)});
  }
  return changes;
}

std::optional<double> learn_noise(std::span<const double> series,
                                  std::span<const ChangePoint> changes) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < series.size(); ++i) {
    const bool changed = std::any_of(changes.begin(), changes.end(),
                                     [i](const ChangePoint& change) { return change.index == i; });
    if (!changed) steps.push_back(std::abs(std::log(series[i] / series[i - 1])));
  }
  if (steps.size() < kLeastSteps) return std::nullopt;
  std::sort(steps.begin(), steps.end());
  return std::expm1(tukey_fences(steps).outer.high);
}

}  // namespace rz::bench
