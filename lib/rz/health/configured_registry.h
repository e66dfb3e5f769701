#pragma once

#include "rz/health/component_registry.h"
#include "rz/health/health_monitor.h"

namespace rz::health {

/// The registry in which those may report whom the configuration allows to.
inline ComponentRegistry component_registry(Storage& storage, Clock& clock,
                                            const HealthOptions& options) {
  return {storage, clock, options.components, static_cast<std::size_t>(options.max_components)};
}

}  // namespace rz::health
