#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/field_visitor.h"
#include "rz/base/result.h"
#include "rz/health/check_options.h"

namespace rz::health {

/// The key `maintenance`; `sentence` says what it is for.
void visit_maintenance(FieldVisitor& fields, std::string_view sentence,
                       std::vector<MaintenanceWindow>& windows);

/// When the last of the windows ends that are open at `now`; nothing if none is. A window holds its
/// beginning, and not its end.
/// Errors: those of TimeZone::load(), and unavailable (own_side) for a time before rz existed: such
/// a clock was never set, and no window may excuse anything by it.
Result<std::optional<TimePoint>> maintenance_until(const std::vector<MaintenanceWindow>& windows,
                                                   TimePoint now);

/// A time in which at least one window is open.
struct OpenMaintenance {
  TimePoint begin{};
  TimePoint end{};
};

/// All such times that touch those from `from` to `until`, in order, disjoint and not adjoining.
/// Errors: those of TimeZone::load().
Result<std::vector<OpenMaintenance>> maintenance_between(
    const std::vector<MaintenanceWindow>& windows, TimePoint from, TimePoint until);

}  // namespace rz::health
