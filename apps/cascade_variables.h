#pragma once

#include "rz/base/result.h"
#include "rz/cli/program.h"

namespace rz {

/// `rz cascade variables`.
Result<int> show_variables(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
