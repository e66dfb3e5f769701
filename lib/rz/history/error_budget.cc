#include "rz/history/error_budget.h"

#include <chrono>
#include <cmath>
#include <utility>

namespace rz::history {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Points of a burn-down: more than a picture of it has columns.
constexpr std::size_t kSeriesPoints = 240;

struct BurnRule {
  Micros long_window, short_window;
  double share;  ///< Of the budget.
  bool pages;
};

constexpr BurnRule kBurnRules[] = {{hours{1}, minutes{5}, 0.02, true},
                                   {hours{6}, minutes{30}, 0.05, true},
                                   {hours{24}, hours{2}, 0.10, false},
                                   {hours{72}, hours{6}, 0.10, false}};

// What the objective allows, as a share of the time.
double allowed_share(const Objective& objective) { return (100 - objective.slo) / 100; }

const std::vector<TimeKind> kDegraded = {TimeKind::heuristic, TimeKind::safe};

double seconds(Micros time) { return std::chrono::duration<double>(time).count(); }

std::optional<double> burn_rate(const ModeTime& time, double allowed) {
  if (time.counted() <= Micros{0}) return std::nullopt;
  return seconds(time.degraded()) / seconds(time.counted()) / allowed;
}

IntervalTime last(Micros window, TimePoint end) { return {{end - window, end}}; }

}  // namespace

std::vector<BurnRate> burn_rates_of(const Objective& objective) {
  std::vector<BurnRate> rates;
  for (const BurnRule& rule : kBurnRules) {
    const double factor = rule.share * seconds(objective.window) / seconds(rule.long_window);
    // A hair below 1, as 0.1 * 30 / 3 is, is 1.
    if (factor < 1 - 1e-9) continue;
    rates.push_back({.long_window = rule.long_window,
                     .short_window = rule.short_window,
                     .factor = factor,
                     .pages = rule.pages});
  }
  return rates;
}

BudgetTracker::BudgetTracker(const Objective& objective, TimePoint end, std::size_t most)
    : objective_(objective),
      all_(last(objective.window, end)),
      series_(equal_bounds(all_.when, kSeriesPoints)),
      worst_(all_.when, kDegraded, most) {
  for (const BurnRate& rate : burn_rates_of(objective)) {
    const IntervalTime long_time = last(rate.long_window, end);
    watched_.push_back({rate, long_time, last(rate.short_window, end),
                        LongestStretches(long_time.when, kDegraded, most)});
  }
}

void BudgetTracker::pass(const Segment& part) {
  all_.add(part);
  series_.add(part);
  worst_.pass(part);
  for (Watched& one : watched_) {
    one.long_time.add(part);
    one.short_time.add(part);
    one.worst.pass(part);
  }
}

void BudgetTracker::end_stretch(const Interval& when, TimeKind kind,
                                const std::optional<Transition>& entered) {
  worst_.end(when, kind, entered);
  for (Watched& one : watched_) one.worst.end(when, kind, entered);
}

ErrorBudget BudgetTracker::finish() {
  ErrorBudget found;
  found.objective = objective_;
  found.when = all_.when;
  found.time = all_.time;
  const double allowed = allowed_share(objective_);
  // Rounded to the microsecond, since 100 - 99.9 is not exactly 0.1.
  found.budget = Micros{std::llround(static_cast<double>(objective_.window.count()) * allowed)};
  found.spent = all_.time.degraded();
  found.lost = lost_;
  for (Watched& one : watched_) {
    one.rate.long_rate = burn_rate(one.long_time.time, allowed);
    one.rate.short_rate = burn_rate(one.short_time.time, allowed);
    one.rate.worst = one.worst.finish();
    one.rate.stretches = one.worst.total();
    found.burn_rates.push_back(std::move(one.rate));
  }
  Micros left = found.budget;
  found.series.push_back({found.when.begin, left});
  for (const Period& period : series_.finish()) {
    left -= period.time.degraded();
    found.series.push_back({period.when.end, left});
  }
  found.worst = worst_.finish();
  found.stretches = worst_.total();
  return found;
}

}  // namespace rz::history
