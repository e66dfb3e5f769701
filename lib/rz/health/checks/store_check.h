#pragma once

#include <memory>
#include <string_view>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: store`: rz's own store, where it keeps the mode, its history and what components report.
struct StoreCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "store";
};

void visit_fields(FieldVisitor& fields, StoreCheckOptions& options);

/// Healthy if it answers, degraded if it may lose what it is given
/// (Storage::durability_warnings), unhealthy if it does not answer or cannot serve, unknown if it
/// could not be asked (check_failure.h). Metadata: store (without secrets), and warnings (a list of
/// sentences) if there are any.
std::shared_ptr<HealthCheck> make_store_check(StoreCheckOptions options, StorageSource storage);
std::shared_ptr<HealthCheck> make_health_check(const StoreCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
