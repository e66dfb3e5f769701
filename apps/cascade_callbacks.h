#pragma once

#include "rz/base/result.h"
#include "rz/cli/program.h"

namespace rz {

/// `rz cascade callbacks`.
Result<int> manage_callbacks(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
