#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode_callback.h"

namespace rz::fallback {

/// Runs a program: `{from} {to} {reason} {epoch} {timestamp}` in its arguments are replaced, and
/// RZ_FROM RZ_TO RZ_REASON RZ_EPOCH RZ_TIMESTAMP RZ_DETAIL RZ_SCOPE RZ_CURRENT_MODE RZ_LATE_SECONDS
/// are in its environment. Its exit code and what it prints are the output of the run. Each
/// argument stays one argument, byte for byte, whatever the reason holds: no shell ever reads it. A
/// reason that is longer than a program can be given is cut: it is never a reason not to call.
/// `stop`: see ProcessOptions. Errors: those of run_process; unavailable for an exit code other
/// than 0, and where it was stopped; timeout.
ModeCallback command_callback(CommandOptions options, std::function<bool()> stop = {});

/// `argument` with the placeholders replaced; other braces stay.
std::string fill_in(const std::string& argument, const Transition& transition);

/// `text`, or its first `most` bytes, ended by `…`. UTF-8 stays whole. Bytes that no argument of a
/// program can hold (NUL) become `?`.
std::string cut_text(std::string_view text, std::size_t most);

/// What of `text` fits an argument of a program with room to spare.
std::string cut_for_program(std::string_view text);

/// Runs a program without placeholders: the action of a fallback. Errors: as command_callback.
Result<void> run_command(const CommandOptions& options);

}  // namespace rz::fallback
