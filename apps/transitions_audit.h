#pragma once

#include "rz/base/result.h"
#include "rz/cli/program.h"

namespace rz {

/// `rz transitions audit`: judges the history by limits.
Result<int> run_transitions_audit(cli::Context& context, const cli::Arguments& arguments);

/// `rz transitions stats`: the same without limits, by periods.
Result<int> run_transitions_stats(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
