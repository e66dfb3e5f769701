#pragma once

#include "rz/cli/command.h"

namespace rz::apps {

/// Adds a program to the one that holds them all (see programs.cc): an object of this in each
/// program's source. `program` must live as long as the process.
class Registered {
 public:
  explicit Registered(const cli::Program& program);
};

}  // namespace rz::apps
