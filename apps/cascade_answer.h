#pragma once

#include "rz/cli/program.h"
#include "rz/reports/cascade_answer.h"

namespace rz::cli {

/// What a command waits for that decides.
inline constexpr const char* kStoreAndCallbacks = "the store and the callbacks";

/// Tells the outcome: the mode on standard output, what a person should know on standard error.
/// With --quiet nothing of it on standard output: the exit code is the answer.
void answer(Context& context, const reports::CascadeAnswer& answer);

}  // namespace rz::cli
