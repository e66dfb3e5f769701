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

/// Runs run_program in this process, with both standard streams caught. `rz demo` is its name;
/// `arguments` come behind it.
Framed run_framed(const std::vector<std::string>& arguments,
                  const std::function<void(CLI::App&, cli::Context&)>& define);

/// The same for a program that only does `work`.
Framed run_work(const std::vector<std::string>& arguments,
                const std::function<Result<int>(cli::Context&)>& work);

}  // namespace rz::testing
