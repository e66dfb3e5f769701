#pragma once

#include "rz/base/result.h"
#include "rz/cli/program.h"

namespace rz {

/// `rz health serve`: answers over HTTP until it is told to stop.
Result<int> serve_health(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
