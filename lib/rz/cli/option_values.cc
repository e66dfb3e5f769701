#include "rz/cli/option_values.h"

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"

namespace rz::cli {

Result<TimePoint> parse_moment(const std::string& option, const std::string& text, TimePoint now) {
  const auto ago = parse_duration(text);
  if (ago) return now - *ago;
  if (const auto time = parse_timestamp(text)) return *time;
  if (ago.error().code == ErrorCode::invalid_argument) {
    return fail(ErrorCode::invalid_argument,
                "'" + printable(text) + "' is longer ago than " +
                    format_duration(kLongestDuration) + "; give a time, like 2026-01-02T03:04:05Z",
                option);
  }
  return fail(
      ErrorCode::invalid_argument,
      "'" + printable(text) + "' is neither a time (2026-01-02T03:04:05Z) nor a duration (24h)",
      option);
}

Result<Millis> parse_span(const std::string& option, const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) return fail(ErrorCode::invalid_argument, duration.error().message, option);
  if (*duration < Millis{1}) {
    return fail(ErrorCode::invalid_argument, "must be at least 1ms", option);
  }
  return std::chrono::floor<Millis>(*duration);
}

Result<std::optional<Millis>> read_span(const Arguments& arguments, const std::string& option) {
  if (!arguments.has(option)) return std::optional<Millis>{};
  const auto span = parse_span(option, arguments.text(option));
  if (!span) return fail(span.error());
  return std::optional<Millis>(*span);
}

}  // namespace rz::cli
