#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "rz/base/clock.h"
#include "rz/history/longest_stretches.h"
#include "rz/history/mode_time.h"
#include "rz/history/periods.h"

namespace rz::history {

/// A service level objective: the share of the time that must be spent in primary.
struct Objective {
  double slo = 99.9;  ///< Percent, above 0 and below 100.
  Micros window{std::chrono::hours{24 * 30}};
};

/// How fast the error budget is spent: 1 spends all of it in exactly one window. It burns if both
/// the long and the short window are above `factor`: the long one shows that it matters, the short
/// one that it goes on.
struct BurnRate {
  Micros long_window{0};
  Micros short_window{0};
  double factor = 0;
  bool pages = false;  ///< Worth waking somebody for; else worth a ticket.
  std::optional<double> long_rate{}, short_rate{};  ///< Nothing: no time of it counts.
  std::vector<Stretch> worst{};  ///< What was spent in the long window, the longest first.
  std::size_t stretches = 0;     ///< With those that are not among them.

  bool burns() const { return long_rate > factor && short_rate > factor; }
};

/// What was left of the budget at a time.
struct BudgetPoint {
  TimePoint time{};
  Micros left{0};
};

/// What an objective allows, and what was spent of it.
struct ErrorBudget {
  Objective objective{};
  Interval when{};  ///< The objective's window, up to the end of the audit.
  ModeTime time{};
  Micros budget{0};  ///< Time that may be spent in heuristic or safe.
  Micros spent{0};
  Micros lost{0};  ///< As Audit::lost, within this window.
  std::vector<BurnRate> burn_rates{};
  std::vector<BudgetPoint> series{};  ///< From the whole budget at its beginning on.
  std::vector<Stretch> worst{};       ///< What it was spent in, the longest first.
  std::size_t stretches = 0;          ///< With those that are not among them.

  Micros left() const { return budget - spent; }
};

/// The rates that are watched for an objective, as the Site Reliability Workbook has them: 2 % of
/// the budget within 1h, 5 % within 6h (page), 10 % within 1d, 10 % within 3d (ticket), each also
/// over a twelfth of that. For a window of 30 days the factors are 14.4, 6, 3 and 1. Left out is
/// what would burn below 1, as that never exhausts a budget.
std::vector<BurnRate> burn_rates_of(const Objective& objective);

/// Adds up what an objective needs, in one pass.
class BudgetTracker {
 public:
  /// `end`: of the audit; `most`: stretches to keep.
  BudgetTracker(const Objective& objective, TimePoint end, std::size_t most);

  const Interval& when() const { return all_.when; }

  void pass(const Segment& part);
  /// Of a part that is passed, too: see Audit::lost.
  void pass_lost(const Segment& part) { lost_ += part.when.within(all_.when).length(); }
  /// A stretch in one mode has ended.
  void end_stretch(const Interval& when, TimeKind kind, const std::optional<Transition>& entered);

  ErrorBudget finish();

 private:
  struct Watched {
    BurnRate rate;
    IntervalTime long_time, short_time;
    LongestStretches worst;
  };

  Objective objective_;
  IntervalTime all_;
  Micros lost_{0};
  std::vector<Watched> watched_{};
  Periods series_;
  LongestStretches worst_;
};

}  // namespace rz::history
