#pragma once

#include <string>

#include "rz/cli/command.h"

namespace rz::cli {

/// The help of `command`, or of the whole program if it is null or has no name: what it does,
/// examples, usage, the lists, the exit codes. At most 80 columns wide.
std::string help_text(const Program& program, const Command* command);

/// All commands of the program with what each takes, as a JSON document (`rz.help/1`), for
/// completion and for tests.
std::string help_as_json(const Program& program);

}  // namespace rz::cli
