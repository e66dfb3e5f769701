#pragma once

#include <vector>

#include "rz/base/clock.h"
#include "rz/health/check_runner.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/checks/http_check.h"
#include "rz/health/health_options.h"

namespace rz {

/// What checks are made with.
struct CheckDependencies {
  StorageSource storage;
  HttpClientFactory http_client = make_http_client;
  Clock& clock = SystemClock::instance();
};

/// The check that `spec` describes.
RegisteredCheck make_check(const CheckSpec& spec, const CheckDependencies& dependencies);

/// Those of the options, or, where they name none, the disk of `/` (`disk`) and the store
/// (`store`).
std::vector<RegisteredCheck> make_checks(const HealthOptions& options,
                                         const CheckDependencies& dependencies);

}  // namespace rz
