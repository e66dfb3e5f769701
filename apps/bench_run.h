#pragma once

#include "rz/cli/program.h"

namespace rz {

/// `rz bench run`: measures a program, or two in turn.
Result<int> measure_programs(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
