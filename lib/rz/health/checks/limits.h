#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rz/base/field_visitor.h"
#include "rz/health/judging/findings.h"

namespace rz::health {

/// Two limits of one measurement: from where on it is degraded, and from where on unhealthy.
template <class T>
struct Limits {
  std::optional<T> warning;
  std::optional<T> critical;
};

/// Adds what is to be said of a share that is at or above its limits: `95.0 % of inodes used,
/// critical from 95 %`. `what` is behind the number; if it is empty, the number is told elsewhere
/// and left out here. The share is rounded down to one decimal, so
/// that `95.0 %` means that 95 % was reached.
void judge_percent(Findings& findings, double percent, const std::string& what,
                   const Limits<double>& limits);

/// Adds what is to be said of bytes that are fewer than their limits: `1.0 GiB available, warning
/// below 2.0 GiB`.
void judge_bytes_left(Findings& findings, std::uint64_t bytes, const std::string& what,
                      const Limits<std::uint64_t>& limits);

/// As `95.0 %`, rounded down.
std::string shown_percent(double percent);

/// Refuses a warning that would never apply, since the critical limit lies before it. Which of them
/// must be the greater one is told by `rising`.
template <class T>
void refuse_needless_warning(FieldVisitor& fields, const char* warning_key, const Limits<T>& limits,
                             bool rising = true) {
  if (!limits.warning || !limits.critical) return;
  std::string critical_key = warning_key;
  critical_key.replace(critical_key.rfind("warning"), 7, "critical");
  const bool needless =
      rising ? *limits.warning > *limits.critical : *limits.warning < *limits.critical;
  if (!needless) return;
  fields.error(warning_key, std::string("is ") + (rising ? "above '" : "below '") + critical_key +
                                "', so it would never apply");
}

}  // namespace rz::health
