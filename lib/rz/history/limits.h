#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "rz/fallback/fallback_options.h"
#include "rz/fallback/history/transition.h"
#include "rz/history/audit.h"

namespace rz::history {

/// Whether a limit is kept.
enum class LimitResult {
  kept,
  warned,   ///< The error budget is spent too fast, but not so fast that it breaks the objective.
  unknown,  ///< It cannot be told, as too little is known.
  broken,
};

/// `ok warning unknown over`.
const char* to_string(LimitResult result);

/// A limit, and what was found.
struct LimitVerdict {
  /// A number in both of its forms.
  struct Amount {
    std::optional<double> value{};  ///< In the unit of the verdict; nothing: it cannot be told.
    std::string text{};             ///< For people: `50m`, `99.9 %`.
  };

  std::string name{};  ///< `max_degraded`, `slo`, `burn_1h`.
  LimitResult result = LimitResult::kept;
  std::string unit{};  ///< `s`, or empty for a count or a rate.
  Amount found{};
  Amount allowed{};
  std::string sentence{};  ///< `50m in heuristic or safe, and 30m are allowed`.
  /// Where the limit is not kept: the records that it comes from, the newest or those that cost
  /// most, in the order of time.
  std::vector<Transition> records{};
  std::size_t records_total = 0;  ///< With those that are not among them.
  /// It also comes from a time of which the history does not have the record that began it.
  bool record_missing = false;
};

/// Judges what was found by the limits of `options`; only those that have a value. The budget is
/// that of the audit.
std::vector<LimitVerdict> judge_limits(const Audit& audit, const AuditOptions& options);

/// The worst of the results; kept if there is none.
LimitResult worst_of(const std::vector<LimitVerdict>& verdicts);

}  // namespace rz::history
