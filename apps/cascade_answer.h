#pragma once

#include "rz/cli/program.h"
#include "rz/fallback/manager.h"

namespace rz::cli {

/// What an answer of `rz cascade` shows besides the mode.
struct AnswerParts {
  bool explain = false;  ///< Each rule, and what was seen.
  bool store = false;    ///< Which store it comes from.
};

/// Tells the outcome: the mode on standard output, as text or as JSON (rz.cascade/1), what a person
/// should know on standard error. With --quiet nothing of it: the exit code is the answer.
void answer(Context& context, const CascadeOutcome& outcome, const AnswerParts& parts = {});

}  // namespace rz::cli
