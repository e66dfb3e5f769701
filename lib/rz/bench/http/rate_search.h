#pragma once

#include <optional>

namespace rz::bench {

/// Looks for the highest rate at which a goal is met, by asking for one run after the other. It
/// doubles the rate until the goal is missed, and then halves the distance (as ratios) between the
/// highest rate that was good and the lowest that was bad, down to 5 %. A rate counts as bad only
/// if it was so twice: one run may have been disturbed by others on the machine.
class RateSearch {
 public:
  /// From `first`, at most up to `most`; both above 0.
  RateSearch(double first, double most);

  /// The rate to run next. Nothing: the search is over.
  std::optional<double> next() const;
  /// Whether the goal was met at the rate that next() named.
  void report(bool met);
  /// Whoever sent did not keep up with the rate of next(), so that nothing is known of it. It is
  /// tried again, for the machine may have been disturbed; after four times in a row no higher rate
  /// can be tried, and the search is over.
  void report_late_sender();

  /// The highest rate at which the goal was met; 0: none.
  double best() const { return good_; }
  /// Whether it is the highest because the goal was missed above it, not because no higher rate
  /// could be tried.
  bool is_bounded() const { return bad_.has_value(); }

 private:
  double rate_;
  const double least_;
  const double most_;
  double good_ = 0;
  std::optional<double> bad_;
  bool missed_once_ = false;
  int late_ = 0;  ///< In a row.
  bool over_ = false;
};

}  // namespace rz::bench
