#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "rz/base/result.h"
#include "rz/fallback/mode_store.h"
#include "rz/history/audit.h"
#include "rz/history/mode_timeline.h"
#include "rz/runtime/runtime.h"

namespace rz::runtime {

/// What was found, and how much of the history could be read.
struct HistoryAudit {
  history::Audit audit{};
  std::size_t unreadable = 0;  ///< Records that cannot be read; each has been told.
  bool whole = true;           ///< Whether the history has all that this host knows of.
  /// Whether there are records of a time that has not come yet: a clock was ahead. Nobody knows
  /// when those decisions were made.
  bool ahead = false;
};

/// Audits the history of the store. What waits for it on this host is brought back first. `now`: as
/// time_of_history() has it. `on_unreadable` is called for each record that cannot be read.
/// Errors: those of open_history(), and of the store.
Result<HistoryAudit> audit_history(
    Runtime& runtime, const history::AuditQuestion& question, TimePoint now,
    const std::function<void(const std::string& key, const Error&)>& on_unreadable);

/// The time that the history goes by: the store's, where this host's clock differs from it, which
/// is warned of.
/// Errors: those of Runtime::storage().
Result<TimePoint> time_of_history(Runtime& runtime);

/// The mode that is known at `from`, or from a later time on up to the first record after it: from
/// the last record before, or, where there never was one, from the first evaluation. Nothing: it is
/// not known.
/// Errors: those of the store.
Result<std::optional<history::KnownMode>> mode_known_at(fallback::ModeStore& store, TimePoint from);

}  // namespace rz::runtime
