#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/fallback/mode.h"

#pragma GCC visibility push(default)
namespace rz {

/// The log of Storage that the history is in.
inline constexpr std::string_view kTransitionLog = "fallback:transition";
/// How many microseconds after its time a record may be stored if other records have its place.
inline constexpr int kTransitionPlaces = 1000;

/// Why a record was written.
namespace trigger {
inline constexpr const char* kEvaluation = "evaluation";
inline constexpr const char* kManual = "manual";  ///< Set by hand; the mode changed.
/// Set by hand to the mode that held already, or a pin that took the place of another.
inline constexpr const char* kPin = "pin";
inline constexpr const char* kRelease = "release";
inline constexpr const char* kPinExpired = "pin_expired";
/// Decided by a host that could not reach the store, and overtaken by a decision of others: it was
/// the mode of this host alone. The record has no epoch.
inline constexpr const char* kOffline = "offline";
/// The store had lost its memory, and a host put back what it knew.
inline constexpr const char* kRestored = "restored";
inline constexpr const char* kForgotten = "forgotten";  ///< Begun anew on purpose.
}  // namespace trigger

/// One record of the history: a change of mode, or what a person did with a pin (`from` equals `to`
/// then, and there is no epoch).
struct Transition {
  TimePoint timestamp{};
  Mode from = Mode::primary;
  Mode to = Mode::primary;
  std::string reason;
  // What follows is empty in a record of the old system, which wrote only the four above.
  std::string trigger;  ///< One of namespace trigger.
  std::string actor;
  std::string host;
  std::optional<std::int64_t>
      epoch;  ///< 1 for the first transition of a store, then one more each.

  /// A token of whoever wrote it, to recognise a write whose answer was lost. Stored, never shown.
  std::string writer{};
  /// What is behind the reason, for a person: the components that failed and what they said, the
  /// pin that was replaced. Shown where it is not empty.
  std::string detail{};

  bool changes_mode() const { return from != to; }
  /// Whether the old system wrote it.
  bool legacy() const { return !epoch.has_value() && trigger.empty(); }
  bool operator==(const Transition&) const = default;
};

/// `{"timestamp","from","to","reason","trigger","actor","host","epoch"}`, null where nothing is
/// known, and `"detail"` where there is one.
Value to_value(const Transition& transition);

/// What is stored of a record, as a value and as JSON.
Value to_stored(const Transition& transition);
std::string encode(const Transition& transition);

/// Where a record comes from. A record of the store is shown as far as it can be read. From outside
/// nothing may be lost silently: a member of a wrong type, an impossible epoch, a missing reason
/// and a repeated name are errors.
enum class RecordOrigin { stored, imported };

/// Reads what encode() or the old system wrote (`datetime.isoformat()` without an offset is UTC).
/// Errors: corrupt, naming the field.
Result<Transition> decode_transition(std::string_view json,
                                     RecordOrigin origin = RecordOrigin::stored);
Result<Transition> transition_from(const Value& value, RecordOrigin origin = RecordOrigin::stored);

}  // namespace rz
#pragma GCC visibility pop
