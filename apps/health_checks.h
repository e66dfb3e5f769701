#pragma once

#include "rz/base/result.h"
#include "rz/cli/program.h"

namespace rz {

/// `rz health`: runs the checks and reports them: once, until they are good (`--wait`), or again
/// and again (`--watch`). A signal ends a run at once, with a report of what is known.
Result<int> run_health_checks(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
