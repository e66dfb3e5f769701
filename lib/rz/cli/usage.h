#pragma once

#include <string>

#include "rz/cli/program.h"

namespace rz::cli {

/// Adds what every command takes. `color` receives `auto always never`.
void add_common_options(CLI::App& app, const ProgramInfo& info, CommonOptions& options,
                        std::string& color);

/// What is wrong with a command line, with the nearest right word and where to look further.
std::string usage_message(const CLI::App& app, const std::string& program,
                          const CLI::ParseError& error);

}  // namespace rz::cli
