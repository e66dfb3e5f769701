#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/fallback/mode_store.h"
#include "rz/fallback/spool.h"

namespace rz {

/// What became of a spool's entries once the store was back.
struct ReplayReport {
  std::size_t recorded =
      0;  ///< Transitions that are now the store's, as if it had never been away.
  std::size_t overtaken = 0;  ///< Transitions that are in its history alone: others had moved on.
  std::size_t pins_lost = 0;  ///< Pins set or taken away meanwhile that were overtaken.
  SpoolDamage damage;
  bool taken = false;  ///< Another process is at it: nothing was done.
  /// What replicas may not have; a spool that could not be read or shortened.
  std::vector<std::string> warnings;

  /// What a person should know, a sentence each.
  std::vector<std::string> sentences() const;
};

/// Brings the decisions of an outage into the store, in their order, each exactly once, whatever
/// crashes in between: an entry leaves the spool after the store has acknowledged it, and one whose
/// write took effect already is known by its token.
///
/// Where the store is still as the host left it, an entry is written as the decision would have
/// been: state, epoch and record. Where others moved on meanwhile, what they decided holds, and the
/// entry becomes a record of the history only: with its own time, the trigger `offline` and no
/// epoch, for it was the mode of one host that was cut off, never that of the system.
///
/// `now` is when the store is seen. Errors: those of the store; what was not acknowledged stays in
/// the spool.
Result<ReplayReport> replay_spool(Spool& spool, const ModeStore& store, TimePoint now);

}  // namespace rz
