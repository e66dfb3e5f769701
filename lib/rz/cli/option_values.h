#pragma once

#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"

/// Values of options that several commands read in the same way.
namespace rz::cli {

/// `text` as a point in time: a timestamp, or a duration, which means so long ago.
/// Errors: invalid_argument, naming the option.
Result<TimePoint> parse_moment(const std::string& option, const std::string& text, TimePoint now);

/// `text` as a duration above zero.
/// Errors: invalid_argument, naming the option.
Result<Millis> parse_span(const std::string& option, const std::string& text);

}  // namespace rz::cli
