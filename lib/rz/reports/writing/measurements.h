#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rz/health/health_check.h"

namespace rz::reports {

/// A number that a check measured, for the formats that keep numbers.
struct Measurement {
  std::string name;               ///< Without its unit: `usage` of `usage_percent`. Any bytes.
  std::optional<double> value{};  ///< Nothing: the check could not tell.
  std::string unit{};             ///< `s`, `B`, `%`, one of a Nagios plugin's, or none.
  /// From which value on it is a warning, or critical: a number, or a range of Nagios (`10:20`).
  std::string warning{}, critical{};
  std::string min{}, max{};
};

/// What a check measured: its latency, and the numbers of its metadata, whose names tell their
/// units (`_percent`, `_bytes`, `_ms`, `_seconds`), each with the limits that the check gives
/// for it (health/judging/measured_limits.h). The perfdata of a Nagios plugin keeps its units and
/// limits.
std::vector<Measurement> measurements_of(const CheckResult& result);

/// A finite number without an exponent, as C writes it, rounded to six decimals where that leaves
/// something: `0.0015`, `1234567890`. Others are `U`, which stands for an unknown value.
std::string plain_number(double value);

}  // namespace rz::reports
