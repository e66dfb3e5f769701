#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rz/cli/arguments.h"

namespace rz::cli {

/// The words of a command, checked against its row in the table.
struct Weighed {
  Arguments arguments;
  std::string wrong;                      ///< What is wrong with them, a sentence; empty: nothing.
  std::optional<std::string> unexpected;  ///< The first operand that the command does not take.
};

/// An option as it was given, with its value; empty if it takes none.
struct GivenOption {
  const Option* option;
  std::string value;
  bool bare = false;  ///< It may have a value, but was written without one.
};

/// Lets CLI11 check the options and operands of one command against its row in the table: how often
/// they may occur, what is required, choices and ranges.
Weighed weigh(const Program& program, const Command& command,
              const std::vector<GivenOption>& options, const std::vector<std::string>& operands);

}  // namespace rz::cli
