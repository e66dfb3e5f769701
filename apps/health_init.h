#pragma once

#include "rz/base/result.h"
#include "rz/cli/program.h"

namespace rz {

/// `rz health init`: writes a configuration with checks for what runs on this machine, to standard
/// output or into a file that is not there yet.
Result<int> write_found_checks(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz
