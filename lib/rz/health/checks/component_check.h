#pragma once

#include <functional>
#include <memory>

#include "rz/base/clock.h"
#include "rz/health/health_check.h"
#include "rz/health/health_options.h"
#include "rz/storage/storage.h"

namespace rz {

/// Gives the store when it is first needed, so that a check can report that it cannot be opened.
using StorageSource = std::function<Result<Storage*>()>;

/// What a component last said of itself: its status (failed is unhealthy), unhealthy if its report
/// is older than interval and grace ("late"), degraded if it is from the future (as_of), unknown if
/// it never reported, which is not the same, or if the store does not answer.
/// Metadata: component, error_count, warning_count, fallback_active, age_seconds.
std::shared_ptr<HealthCheck> make_component_check(ComponentCheckOptions options,
                                                  StorageSource storage, Clock& clock);

}  // namespace rz
