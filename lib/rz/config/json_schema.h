#pragma once

#include "rz/base/value.h"

namespace rz {

/// The JSON schema of a configuration (draft 2020-12), made from config_schema(): for editors, and
/// for whoever writes a configuration by a program. It refuses nothing that the loader takes.
Value json_schema();

}  // namespace rz
