#pragma once

#include "rz/base/result.h"
#include "rz/cli/program.h"

namespace rz {

/// `rz health run`: runs a program, and reports its start and its end as those of a component. Its
/// exit code is the answer, whatever became of the reports.
Result<int> run_reported(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
