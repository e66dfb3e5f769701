#pragma once

#include <memory>

#include "rz/health/check_type.h"

namespace rz::health {

/// rz's own store: healthy if it answers, degraded if it may lose what it is given
/// (Storage::durability_warnings), unhealthy if it does not answer or cannot serve, unknown if it
/// could not be asked (check_failure.h). Metadata: store (without secrets), and warnings (a list of
/// sentences) if there are any.
std::shared_ptr<HealthCheck> make_store_check(CheckOptions options, StorageSource storage);

}  // namespace rz::health
