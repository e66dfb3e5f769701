#pragma once

#include <string>
#include <vector>

#include "rz/health/check_runner.h"
#include "rz/health/check_type.h"
#include "rz/health/health_monitor.h"

namespace rz::health {

/// The check that `spec` describes.
RegisteredCheck make_check(const CheckSpec& spec, const CheckDependencies& dependencies);

/// The checks of the options; where they name none, the disk of `/` (`disk`) and the store
/// (`store`).
std::vector<RegisteredCheck> make_checks(const HealthOptions& options,
                                         const CheckDependencies& dependencies);

/// Their names.
std::vector<std::string> check_names(const HealthOptions& options);

}  // namespace rz::health
