#pragma once

#include <cstdint>
#include <memory>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: group`: several checks of which some must be good, as replicas that stand in for each
/// other. CheckOptions::combines names them.
struct GroupCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "group";

  std::int64_t min = 1;  ///< So many must be up.
};

void visit_fields(FieldVisitor& fields, GroupCheckOptions& options);

/// Healthy if all are; degraded if some are not, but at least `min` are up, that is healthy or
/// degraded; unhealthy if fewer are. Unknown where the answer hangs on those that are unknown.
/// Metadata: up, down, unknown, total, min.
std::shared_ptr<HealthCheck> make_group_check(GroupCheckOptions options);
std::shared_ptr<HealthCheck> make_health_check(const GroupCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
