#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rz/cli/program.h"

namespace rz::testing {

/// What a program said and how it ended.
struct Framed {
  int exit_code = 0;
  std::string output;
  std::string error;
};

/// Runs `program` in this process, with both standard streams caught.
Framed run_framed(const std::vector<std::string>& arguments, const cli::Program& program);

/// The same for a program `rz demo` that only does `work`.
Framed run_work(const std::vector<std::string>& arguments,
                const std::function<Result<int>(cli::Context&)>& work);

}  // namespace rz::testing
