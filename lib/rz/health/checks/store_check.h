#pragma once

#include <memory>

#include "rz/health/check_options.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/health_check.h"

namespace rz {

/// rz's own store: healthy if it answers, unhealthy if not. Metadata: store (without secrets).
std::shared_ptr<HealthCheck> make_store_check(CheckOptions options, StorageSource storage);

}  // namespace rz
