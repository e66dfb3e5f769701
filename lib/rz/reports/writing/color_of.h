#pragma once

#include "rz/fallback/mode.h"
#include "rz/health/circuit_breaker.h"
#include "rz/health/health_check.h"
#include "rz/health/health_state.h"
#include "rz/reports/writing/page.h"

namespace rz::reports {

/// The colour in which each of these words is shown: green where all is well.
Color color_of(Mode mode);
Color color_of(HealthStatus status);
Color color_of(BreakerState::Phase phase);
Color color_of(const ComponentHealth& component);

}  // namespace rz::reports
