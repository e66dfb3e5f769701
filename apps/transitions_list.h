#pragma once

#include "rz/cli/program.h"
#include "rz/fallback/history/transition_log.h"

namespace rz::apps {

/// The records that the options of `rz transitions list` select. `now`: when they are read.
/// Errors: invalid_argument, naming the option.
Result<fallback::TransitionQuery> read_transition_query(const cli::Arguments& arguments,
                                                        TimePoint now);

/// What `rz transitions list` runs.
Result<int> list_transitions(cli::Context& context, const cli::Arguments& arguments);

/// The same with `--follow`.
Result<int> follow_transitions(cli::Context& context, const cli::Arguments& arguments);

}  // namespace rz::apps
