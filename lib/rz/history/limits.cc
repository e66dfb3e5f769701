#include "rz/history/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "rz/base/counted.h"
#include "rz/base/duration.h"

namespace rz::history {
namespace {

using Amount = LimitVerdict::Amount;

Amount amount_of(std::size_t count) { return {static_cast<double>(count), std::to_string(count)}; }

Amount amount_of(Micros time) {
  return {std::chrono::duration<double>(time).count(), humanize_duration(time)};
}

Amount rate_amount(std::optional<double> rate) {
  if (!rate) return {{}, "unknown"};
  return {rate, fmt::format("{:.2f}", *rate)};
}

/// The records that began these stretches, in the order of time.
std::vector<Transition> records_of(const std::vector<Stretch>& stretches) {
  std::vector<Transition> records;
  for (const Stretch& stretch : stretches) {
    if (stretch.entered) records.push_back(*stretch.entered);
  }
  std::stable_sort(records.begin(), records.end(), [](const Transition& a, const Transition& b) {
    return a.timestamp < b.timestamp;
  });
  return records;
}

// At most one of the stretches has no record: that which goes on when the history begins. If it is
// not among the longest, its record is counted like those of the others that are not.
void set_records(LimitVerdict& verdict, const std::vector<Stretch>& stretches, std::size_t total) {
  verdict.records = records_of(stretches);
  verdict.record_missing = verdict.records.size() < stretches.size();
  verdict.records_total = total - (stretches.size() - verdict.records.size());
}

/// What was found, and how much more there may be that nobody knows of.
template <class T>
struct FoundSoFar {
  T known{};
  T missing{};
};

// Kept only if it is kept whatever is missing.
template <class T>
LimitResult judge(const FoundSoFar<T>& found, T allowed) {
  if (found.known > allowed) return LimitResult::broken;
  return found.known + found.missing > allowed ? LimitResult::unknown : LimitResult::kept;
}

// At each gap at least one transition is missing.
LimitVerdict count_verdict(std::string name, const Evidence& found, std::size_t gaps,
                           std::int64_t most, const std::string& what) {
  const auto allowed = static_cast<std::size_t>(most);
  LimitVerdict verdict{.name = std::move(name),
                       .result = judge<std::size_t>({found.total, gaps}, allowed),
                       .found = amount_of(found.total),
                       .allowed = amount_of(allowed)};
  verdict.sentence = counted(found.total, what) + ", and " + verdict.allowed.text + " are allowed";
  if (verdict.result == LimitResult::unknown) {
    verdict.sentence += "; but records are missing at " + counted(gaps, "place");
  }
  if (verdict.result != LimitResult::broken) return verdict;
  verdict.records = found.newest;
  verdict.records_total = found.total;
  return verdict;
}

LimitVerdict time_verdict(std::string name, const FoundSoFar<Micros>& found, Micros allowed,
                          const std::string& what) {
  LimitVerdict verdict{.name = std::move(name),
                       .result = judge(found, allowed),
                       .unit = "s",
                       .found = amount_of(found.known),
                       .allowed = amount_of(allowed)};
  verdict.sentence =
      verdict.found.text + " " + what + ", and " + verdict.allowed.text + " are allowed";
  if (verdict.result == LimitResult::unknown) {
    verdict.sentence +=
        "; but " + humanize_duration(found.missing) + " are unknown, as records are missing";
  }
  return verdict;
}

LimitVerdict unknown_verdict(Micros found, Millis allowed) {
  LimitVerdict verdict = time_verdict("max_unknown", {found, {}}, allowed, "unknown");
  // Too much to judge by, which is no fault of the system.
  if (verdict.result == LimitResult::broken) verdict.result = LimitResult::unknown;
  return verdict;
}

LimitVerdict degraded_verdict(std::string name, const FoundSoFar<Micros>& found, Micros allowed,
                              const std::string& what, const std::vector<Stretch>& stretches,
                              std::size_t total) {
  LimitVerdict verdict = time_verdict(std::move(name), found, allowed, what);
  if (verdict.result != LimitResult::broken) return verdict;
  set_records(verdict, stretches, total);
  return verdict;
}

LimitVerdict budget_verdict(const ErrorBudget& budget) {
  const std::string what =
      fmt::format("of the error budget of {} % over {} spent", budget.objective.slo,
                  humanize_duration(budget.objective.window));
  return degraded_verdict("slo", {budget.spent, budget.lost}, budget.budget, what, budget.worst,
                          budget.stretches);
}

LimitVerdict burn_verdict(const BurnRate& rate) {
  LimitVerdict verdict{.name = "burn_" + format_duration(rate.long_window),
                       .found = rate_amount(rate.long_rate),
                       .allowed = rate_amount(rate.factor)};
  verdict.sentence = fmt::format(
      "the error budget burns {} times over {} and {} over {}; {:.1f} are allowed",
      verdict.found.text, format_duration(rate.long_window), rate_amount(rate.short_rate).text,
      format_duration(rate.short_window), rate.factor);
  if (!rate.burns()) return verdict;
  verdict.result = rate.pages ? LimitResult::broken : LimitResult::warned;
  set_records(verdict, rate.worst, rate.stretches);
  return verdict;
}

// What is kept because nothing happened is not known where nothing is known.
void doubt(std::vector<LimitVerdict>& verdicts) {
  for (LimitVerdict& verdict : verdicts) {
    if (verdict.result != LimitResult::kept) continue;
    verdict.result = LimitResult::unknown;
    verdict.sentence = "nothing is known of the window";
  }
}

}  // namespace

const char* to_string(LimitResult result) {
  switch (result) {
    case LimitResult::kept: return "ok";
    case LimitResult::warned: return "warning";
    case LimitResult::unknown: return "unknown";
    case LimitResult::broken: return "over";
  }
  return "unknown";
}

std::vector<LimitVerdict> judge_limits(const Audit& audit, const AuditOptions& options) {
  std::vector<LimitVerdict> verdicts;
  if (options.max_transitions) {
    verdicts.push_back(count_verdict("max_transitions", audit.transitions, audit.records.gaps,
                                     *options.max_transitions, "transition"));
  }
  if (options.max_degraded) {
    verdicts.push_back(degraded_verdict("max_degraded", {audit.time.degraded(), audit.lost},
                                        *options.max_degraded, "in heuristic or safe",
                                        audit.worst_degraded, audit.degraded_stretches));
  }
  if (options.max_safe) {
    verdicts.push_back(degraded_verdict("max_safe", {audit.time.of(TimeKind::safe), audit.lost},
                                        *options.max_safe, "in safe", audit.worst_safe,
                                        audit.safe_stretches));
  }
  if (options.max_flaps) {
    verdicts.push_back(
        count_verdict("max_flaps", audit.flaps, audit.records.gaps, *options.max_flaps, "flap"));
  }
  if (options.max_unknown) {
    verdicts.push_back(unknown_verdict(audit.time.of(TimeKind::unknown), *options.max_unknown));
  }
  if (audit.budget) {
    verdicts.push_back(budget_verdict(*audit.budget));
    for (const BurnRate& rate : audit.budget->burn_rates) {
      verdicts.push_back(burn_verdict(rate));
    }
  }
  if (!audit.informed) doubt(verdicts);
  return verdicts;
}

LimitResult worst_of(const std::vector<LimitVerdict>& verdicts) {
  LimitResult worst = LimitResult::kept;
  for (const LimitVerdict& verdict : verdicts) worst = std::max(worst, verdict.result);
  return worst;
}

}  // namespace rz::history
