#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/value.h"

#pragma GCC visibility push(default)
namespace rz {

/// How degraded the system runs. Greater is more degraded.
enum class Mode { primary = 0, heuristic = 1, safe = 2 };

/// `primary heuristic safe`.
const char* to_string(Mode mode);

/// In any case, as the old system's set_mode takes it; nothing for another word.
std::optional<Mode> parse_mode(std::string_view text);

/// A mode that a person has set. It outranks evaluation until it expires or is released.
struct Pin {
  std::optional<TimePoint> until;  ///< Nothing: until it is released.
  std::string reason;
  std::string actor;   ///< `user@host`.
  TimePoint set_at{};  ///< By the clock of whoever set it.
  /// The write of the store that set it, as ModeState has them: so whoever knows a later one knows
  /// of this order, too. Not part of what was ordered, and moved on where a drain writes it.
  std::string lineage{};
  std::int64_t version = 0;

  /// Whether the same was ordered.
  bool operator==(const Pin& other) const {
    return until == other.until && reason == other.reason && actor == other.actor &&
           set_at == other.set_at;
  }
};

/// `ops@db1 until 2026-01-02T03:04:05.000000Z: database migration`, for a person.
std::string describe(const Pin& pin);

/// `{"until","reason","actor"}`, as in the JSON of `rz cascade`.
Value to_value(const Pin& pin);

/// The mode as it is shown to whoever asks for it. A value.
struct ModeView {
  Mode mode = Mode::primary;
  std::string reason{};  ///< Of the last transition.
  std::string detail{};  ///< What is behind the reason: the components that failed.
  std::int64_t epoch = 0;
  std::optional<TimePoint> since{};  ///< Nothing: no transition has ever been.
  std::optional<Pin> pin{};          ///< Nothing: none, or it has expired.
  std::size_t callbacks_owed = 0;    ///< Callbacks that are still to be run, on whatever host.

  bool is_degraded() const { return mode != Mode::primary; }
  bool is_safe_mode() const { return mode == Mode::safe; }
};

}  // namespace rz
#pragma GCC visibility pop
