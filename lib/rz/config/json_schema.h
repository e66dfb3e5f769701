#pragma once

#include "rz/base/value.h"

namespace rz::config {

/// The JSON schema of a configuration (draft 2020-12), made from config_schema(), for editors and
/// for programs that write a configuration. It accepts everything that the loader accepts.
Value json_schema();

}  // namespace rz::config
