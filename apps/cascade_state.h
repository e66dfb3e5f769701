#pragma once

#include <string>

#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/health/health_state.h"

namespace rz {

/// The JSON or YAML document in the file `path`; `-` is standard input. Errors: those of
/// read_file(), and parse with the place.
Result<Value> read_document(const std::string& path);

/// The health state in it. Errors: also those of health_state_from().
Result<HealthState> read_state(const std::string& path);

}  // namespace rz
