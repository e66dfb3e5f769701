#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/fallback/mode.h"

namespace rz {

/// A mode that a person has set. It outranks evaluation until it expires or is released.
struct Pin {
  std::optional<TimePoint> until;  ///< Nothing: until it is released.
  std::string reason;
  std::string actor;  ///< `user@host`.

  bool active(TimePoint now) const { return !until || now < *until; }
  bool operator==(const Pin&) const = default;
};

/// What the store holds at `fallback:state`: the mode of the whole system, shared by every process
/// and host. It is only ever changed by a commit that expects the bytes that were read.
struct ModeState {
  Mode mode = Mode::primary;
  std::int64_t epoch = 0;  ///< Transitions so far.
  TimePoint since{};       ///< Of the last transition; the epoch's start for a new store.
  std::string reason;      ///< Of the last transition.
  std::optional<Pin> pin;
  std::int64_t good_evaluations = 0;  ///< In a row, while recovery is held back.
  std::string
      writer;  ///< A token of whoever wrote this, to recognise a write whose answer was lost.

  bool operator==(const ModeState&) const = default;
};

inline constexpr std::string_view kModeStateKey = "fallback:state";

std::string encode(const ModeState& state);

/// Errors: corrupt, naming the key and the way out.
Result<ModeState> decode_mode_state(std::string_view json);

/// `{"until","reason","actor"}`, as in the JSON of `rz cascade`.
Value to_value(const Pin& pin);

}  // namespace rz
