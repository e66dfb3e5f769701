#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/result.h"

namespace rz::bench {

/// How many instructions `argv` and what it starts execute under valgrind, which counts where the
/// processor does not: some fifty times as slow, and the same on a busy machine as on an idle one.
/// `stop`, which may be null, is asked now and then whether to end it.
/// Errors: not_found (no valgrind, with the package to install), unavailable (it ended badly, or
/// was stopped).
Result<double> count_under_valgrind(
    const std::vector<std::string>& argv,
    const std::vector<std::pair<std::string, std::string>>& environment,
    const std::function<bool()>& stop);

/// The sum of the counts that valgrind tells in `log`, one for each process; 0 if there is none.
double counted_in(std::string_view log);

}  // namespace rz::bench
