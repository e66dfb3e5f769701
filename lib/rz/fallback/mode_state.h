#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/fallback/callbacks/owed_callback.h"
#include "rz/fallback/mode.h"

namespace rz::fallback {

/// An earlier lineage of a store, and the last version of it that the new lineage knew.
struct Ancestor {
  std::string lineage;
  std::int64_t version = 0;

  bool operator==(const Ancestor&) const = default;
};

/// A decision, and the version that its write gave to the state.
struct Decided {
  std::string token;  ///< See ModeState::decision.
  std::int64_t version = 0;

  bool operator==(const Decided&) const = default;
};

/// A pin that a person has set or released.
struct Order {
  std::string token{};       ///< The `writer` of the state that it made.
  std::string lineage{};     ///< The lineage of that state,
  std::int64_t version = 0;  ///< and its version.
  bool release = false;      ///< The pin was released; else it was set.

  bool operator==(const Order&) const = default;
};

/// That the memory of a store was begun anew on purpose.
struct Beginning {
  std::string lineage;  ///< The one that was begun.
  std::string by;       ///< `user@host`.

  bool operator==(const Beginning&) const = default;
};

/// How often a mode has come back.
struct Comebacks {
  int doublings = 0;                   ///< Of its dwell.
  std::optional<TimePoint> left_at{};  ///< When it was last left for a better one.

  bool operator==(const Comebacks&) const = default;
};

/// What the store holds at `fallback:state`: the mode of the whole system, shared by every process
/// and host. It is only ever changed by a commit that expects the bytes that were read.
struct ModeState {
  // ---- What holds.
  Mode mode = Mode::primary;
  std::int64_t epoch = 0;  ///< Transitions so far.
  TimePoint since{};       ///< Of the last transition; the epoch's start for a new store.
  std::string reason;      ///< Of the last transition.
  std::string detail{};    ///< What is behind the reason: who failed.
  std::optional<Pin> pin;
  /// In a row, while recovery is held back. Only in the copy that a plan of an evaluation gets:
  /// each host has a count of its own (HostMemory). In the store, what an earlier rz counted.
  std::int64_t good_evaluations = 0;

  // ---- Which write this is, and what it follows from.
  /// A token of whoever wrote this, to recognise a write whose answer was lost.
  std::string writer;
  /// Writes so far. With `lineage` it tells of two states which one is the later, without a clock.
  std::int64_t version = 0;
  /// A token drawn when a store's memory began: a store that was emptied and begun anew by others
  /// has another one. Empty: no rz that knows of lineages has written yet.
  std::string lineage{};
  /// The lineages that this one replaced, and the last version of each that it knew; the newest
  /// last.
  std::vector<Ancestor> ancestors{};
  /// The last time that a person began anew; nothing: nobody has. It stays in every state that
  /// descends from that one.
  std::optional<Beginning> begun_anew{};
  /// The `writer` of the last decision: a transition, or a pin that was set or released. A pin that
  /// ran out, a memory that was put back, good evaluations and calls are not decisions. Between two
  /// states with the same token nobody has decided anything. Empty: nobody ever has.
  std::string decision{};
  /// The last decisions that this state follows from, at most kDecisionsMax, in the order of their
  /// versions: a store that was set back and written to again has the versions of what it lost,
  /// but not its decisions.
  std::vector<Decided> decisions{};
  /// The orders that whoever wrote this knew of, at most kOrdersMax, the one that holds last: a
  /// store that was set back and written to again has the versions of what it lost, but not its
  /// tokens.
  std::vector<Order> orders{};

  // ---- What later decisions go by.
  TimePoint recorded_at{};  ///< Of the last record of any kind; the next one is later.
  /// When a host first saw that `since`, or the time at which the pin was set, is ahead of its
  /// clock. Only hosts for which it is still ahead count from this time: the wrong clock may be
  /// theirs, and must not end a pin or a dwell time for the others.
  std::optional<TimePoint> dwell_from{};
  std::optional<TimePoint> pin_from{};
  std::array<std::int64_t, 3> entered{};  ///< Transitions into each mode so far.
  std::array<Comebacks, 3> comebacks{};   ///< Of each mode, while recovery.dwell_max is in force.

  // ---- The calls of callbacks.
  std::vector<OwedCallback> owed{};    ///< In the order of their transitions.
  std::vector<EndedCallback> ended{};  ///< Calls that are over, the newest last.
  std::int64_t failed_calls = 0;       ///< Runs of callbacks that ended badly so far.

  /// Whether there is a pin that has not run out.
  bool pinned(TimePoint now) const;
  /// Whether the order that was written under `token` is among `orders`.
  bool has_order(std::string_view token) const;

  bool operator==(const ModeState&) const = default;
};

/// Makes `state` a write of its own: the next version, and a token that no other write has, a new
/// one or, for a write that was begun elsewhere, the one it was given there.
void stamp(ModeState& state);
void stamp(ModeState& state, std::string token);

/// Notes that the write of `state`, which has its stamp and its lineage, sets or releases the pin.
void note_order(ModeState& state);

/// Takes `call`, one of those that `state` owes, off the list, and remembers how it ended at `now`.
/// `result`: of the run that ended well.
void end_call(ModeState& state, const OwedCallback& call, EndedCallback::How how, TimePoint now,
              std::optional<CallbackResult> result = {});

/// Makes the write of `state`, which has its stamp, the last decision.
void note_decision(ModeState& state);

/// Adds `decision` at the place of its version, unless it is there. Where there is no room, the
/// oldest one goes.
void add_decision(std::vector<Decided>& decisions, Decided decision);

/// Adds `order` to `orders` as the last one. Where there is no room, the one of the oldest version
/// goes.
void add_order(std::vector<Order>& orders, Order order);

/// The earliest time of a record that follows `state`, which is written at `now`: a clock that is
/// behind, or another host's, must not put a record before the one that it follows.
inline TimePoint next_place(const ModeState& state, TimePoint now) {
  TimePoint last = state.recorded_at;
  if (state.epoch > 0) last = std::max(last, state.since);
  return last == TimePoint{} ? now : std::max(now, last + Micros{1});
}

/// What `state` shows at `now`.
ModeView view_of(const ModeState& state, TimePoint now);

inline constexpr std::string_view kModeStateKey = "fallback:state";

/// How many lineages are remembered. If a store loses its memory more often than that while a host
/// is away, the host takes the store's state for an older one.
inline constexpr std::size_t kAncestorsMax = 32;

/// How many orders are remembered. Of an older one, versions tell whether it is known.
inline constexpr std::size_t kOrdersMax = 16;

/// How many decisions are remembered. Of an older one, versions tell whether it is known.
inline constexpr std::size_t kDecisionsMax = 16;

/// What is stored of a state, as a value and as JSON.
Value to_stored(const ModeState& state);
std::string encode(const ModeState& state);

/// Errors: corrupt, naming the key and the way out.
Result<ModeState> decode_mode_state(std::string_view json);
Result<ModeState> mode_state_from(const Value& value);

}  // namespace rz::fallback
