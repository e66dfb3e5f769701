#pragma once

#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/cli/arguments.h"

/// Values of options that several commands read in the same way.
namespace rz::cli {

/// `text` as a point in time: a timestamp, which is of this machine's time zone if it has no offset
/// (`2026-01-02`, `2026-01-02T03:04:05`), a duration, which means so long ago, or a day (`today`,
/// `yesterday`, `monday`, `mon`, in any case), which means its beginning in this machine's time
/// zone. A day of the week is the last one, today included.
/// Errors: invalid_argument, naming the option; and those of TimeZone::local().
Result<TimePoint> parse_moment(const std::string& option, const std::string& text, TimePoint now);

/// Whether a duration may be 0.
enum class Zero { refused, allowed };

/// `text` as a duration, which is not below 0.
/// Errors: invalid_argument, naming the option.
Result<Millis> parse_span(const std::string& option, const std::string& text,
                          Zero zero = Zero::refused);

/// The value of a duration option of a command; nothing where it was not given.
/// Errors: as parse_span.
Result<std::optional<Millis>> read_span(const Arguments& arguments, const std::string& option,
                                        Zero zero = Zero::refused);

}  // namespace rz::cli
