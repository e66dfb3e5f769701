#pragma once

#include <optional>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/field_visitor.h"
#include "rz/base/result.h"
#include "rz/health/check_options.h"

namespace rz::health {

/// The key `maintenance`.
void visit_maintenance(FieldVisitor& fields, std::vector<MaintenanceWindow>& windows);

/// When the last of the windows ends that are open at `now`; nothing if none is. A window holds its
/// beginning, and not its end.
/// Errors: those of TimeZone::load(), and unavailable (own_side) for a time before rz existed: such
/// a clock was never set, and no window may excuse anything by it.
Result<std::optional<TimePoint>> maintenance_until(const std::vector<MaintenanceWindow>& windows,
                                                   TimePoint now);

}  // namespace rz::health
