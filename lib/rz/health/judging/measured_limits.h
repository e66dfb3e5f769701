#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "rz/base/value.h"
#include "rz/health/check_options.h"

namespace rz::health {

/// The limits of what a check measured are in the member `limits` of its metadata: for a number
/// `loss_percent` of the metadata `limits.loss_percent`, with `warning`, `critical` or both, in the
/// unit of the number. Each is the range in which all is well, as a Nagios plugin writes it: a
/// number is the most that it may be, `10:` the least, `1:8` both. Reports read them by
/// reports::measurements_of().
inline constexpr std::string_view kLimitsKey = "limits";

/// Nothing is added where neither limit is given.
void set_most(Value& metadata, std::string_view measure, std::optional<double> warning,
              std::optional<double> critical);
void set_least(Value& metadata, std::string_view measure, std::optional<double> warning,
               std::optional<double> critical);
/// From `least` to `most`; of each there may be none.
void set_range(Value& metadata, std::string_view measure, std::string_view limit,
               std::optional<double> least, std::optional<double> most);

/// `measure` is in milliseconds.
void set_most(Value& metadata, std::string_view measure, const LatencyLimits& limits);

/// A limit of the options as the functions above take it; nothing stays nothing.
template <class Rep, class Period>
std::optional<double> limit_in_seconds(
    const std::optional<std::chrono::duration<Rep, Period>>& duration) {
  if (!duration) return std::nullopt;
  return std::chrono::duration<double>(*duration).count();
}

template <class T>
std::optional<double> limit_as_number(const std::optional<T>& number) {
  if (!number) return std::nullopt;
  return static_cast<double>(*number);
}

}  // namespace rz::health
