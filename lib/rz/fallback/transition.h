#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/fallback/mode.h"

namespace rz {

/// The trigger of a record that a host decided while it could not reach the store, and that others
/// had overtaken when it could: its mode was that of the host alone. It has no epoch.
inline constexpr const char* kOfflineTrigger = "offline";

/// One change of mode, as it is kept for ever after.
struct Transition {
  TimePoint timestamp{};
  Mode from = Mode::primary;
  Mode to = Mode::primary;
  std::string reason;
  // What follows is empty in a record of the old system, which wrote only the four above.
  std::string trigger;  ///< `evaluation manual pin_expired offline`.
  std::string actor;
  std::string host;
  std::optional<std::int64_t>
      epoch;  ///< 1 for the first transition of a store, then one more each.

  /// A token of whoever wrote it, to recognise a write whose answer was lost. Stored, never shown.
  std::string writer{};

  /// Whether the old system wrote it.
  bool legacy() const { return !epoch.has_value() && trigger.empty(); }
  bool operator==(const Transition&) const = default;
};

/// `{"timestamp","from","to","reason","trigger","actor","host","epoch"}`, null where nothing is
/// known.
Value to_value(const Transition& transition);

/// The JSON that is stored.
std::string encode(const Transition& transition);

/// Reads what encode() or the old system wrote (`datetime.isoformat()` without an offset is UTC).
/// Errors: corrupt, naming the field.
Result<Transition> decode_transition(std::string_view json);

}  // namespace rz
