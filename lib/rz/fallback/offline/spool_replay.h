#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/mode_store.h"
#include "rz/fallback/offline/restore.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/offline/spool_entry.h"

namespace rz {

/// So far a host's clock may be from the store's: what well-kept clocks differ by, and the time
/// that an answer takes.
inline constexpr Millis kClockTolerance{std::chrono::seconds{2}};

/// What became of a spool's entries once the store was back.
struct ReplayReport {
  /// Transitions that are now the store's, as if it had never been away.
  std::size_t recorded = 0;
  /// Transitions that are in its history alone: others had moved on.
  std::size_t overtaken = 0;
  std::size_t pins_lost = 0;  ///< Pins set or taken away meanwhile that were overtaken.
  SpoolDamage damage;
  bool taken = false;  ///< Another process is at it: nothing was done.
  /// That the store had lost its memory, which was put back first; empty: it had not.
  std::string store_lost;
  /// What replicas may not have; a spool that could not be read or shortened.
  std::vector<std::string> warnings;

  /// What a person should know, a sentence each; without store_lost, damage and lost_orders().
  std::vector<std::string> sentences() const;
  /// That what a person ordered does not hold; empty: it does. Whoever asks for the mode now may be
  /// that person, and count on it.
  std::string lost_orders() const;
};

/// Brings the decisions of an outage into the store, in their order, each exactly once, whatever
/// crashes in between: an entry leaves the spool after the store has acknowledged it, and one whose
/// write took effect already is known by its token.
///
/// Where the store is still as the host left it, an entry is written as the decision would have
/// been: state, epoch and record. Where others moved on meanwhile, what they decided holds, and the
/// entry becomes a record of the history only: with its own time, the trigger `offline` and no
/// epoch, for it was the mode of one host that was cut off, never that of the system. A store that
/// has lost its memory is given it back first, so that nobody is taken to have moved on.
///
/// What a clock that was ahead of the store's has decided too early (a pin that had run out by it,
/// a recovery) is overtaken as well. Its records keep their times all the same: by them a replay
/// that is made again finds what it has written.
///
/// An attempt that the store knows counts, and the decision that was made anew in its place does
/// not. One that may still arrive is written, so that it cannot come twice; one that never will is
/// dropped. Calls that are owed and were made meanwhile are taken out of the store's list.
///
/// `now` is when the store is seen. Errors: those of the store; what was not acknowledged stays in
/// the spool.
Result<ReplayReport> replay_spool(Spool& spool, ModeStore& store, AskHistory ask, TimePoint now,
                                  const RestoredHook& on_restored = {});

/// Whether the decisions that wait in `entries` will be those of a store that holds `there`; else
/// others have decided meanwhile, and they will be in its history only.
bool will_hold(const ModeState& there, const std::vector<SpoolEntry>& entries);

/// ReplayReport::lost_orders() of a replay of `entries` where others have decided meanwhile.
std::string lost_orders(const std::vector<SpoolEntry>& entries);

}  // namespace rz
