#pragma once

#include "rz/cli/program.h"

namespace rz {

/// `rz bench report`: a saved run, in any format, and beside another one.
Result<int> report_saved_run(cli::Context& context, const cli::Arguments& arguments);

/// `rz bench history`: saved runs, one after the other.
Result<int> follow_saved_runs(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
