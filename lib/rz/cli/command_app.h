#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rz/cli/arguments.h"

namespace rz::cli {

/// What the row of a command makes of its words.
struct Weighed {
  Arguments arguments;
  std::string wrong;                      ///< In a sentence; empty: nothing.
  std::optional<std::string> unexpected;  ///< The first operand that the command has no place for.
};

/// An option as it was given; its value, or nothing, if it takes none.
struct GivenOption {
  const Option* option;
  std::string value;
  bool bare = false;  ///< Written without the value that it may have.
};

/// Lets CLI11 weigh options and operands of one command against its row in the table: counts, what
/// is required, choices and ranges.
Weighed weigh(const Program& program, const Command& command,
              const std::vector<GivenOption>& options, const std::vector<std::string>& operands);

}  // namespace rz::cli
