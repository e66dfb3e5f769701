#pragma once

#include "rz/base/result.h"
#include "rz/cli/program.h"

namespace rz {

/// `rz cond filter`: the records for which a condition is true, or how many there are.
Result<int> run_filter(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
