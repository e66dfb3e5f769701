#pragma once

#include <map>
#include <string>
#include <vector>

#include "rz/fallback/history/transition.h"
#include "tools/nemesis/world.h"

namespace rz::nemesis {

/// What is there once the faults are over and every spool has been brought back.
struct Remains {
  std::vector<Transition> history;
  /// What the callbacks of all hosts wrote, by reason: how often.
  std::map<std::string, int> calls;
  std::vector<std::string> failures;  ///< What did not work although nothing was broken any more.
};

struct Verdict {
  int commands = 0;
  int sent = 0;          ///< Commands that could have changed the mode.
  int acknowledged = 0;  ///< Those that were told that the mode has changed.
  int excused = 0;       ///< Of those: written to a store that then lost its memory.
  int found = 0;
  int lost = 0;
  int doubled = 0;
  int lies = 0;
  int gates = 0;                    ///< Answers of gates.
  std::vector<std::string> faults;  ///< A sentence for each thing that must not be.

  bool good() const { return faults.empty(); }
};

/// Whether what was told is true, and what is left is whole:
/// - each acknowledged transition is in the history exactly once, each import as well;
/// - the records that have an epoch are one chain, without gap or twin, each `from` the `to` before
///   it, but where a store was lost; and a loss was told, if everybody knew more than the store;
/// - no gate lied (see lies.h);
/// - each acknowledged `safe` has had its callback, and each one in the history that was not given
/// up;
/// - no program crashed or hung.
Verdict judge(const World& world, Journal& journal, const Remains& remains);

}  // namespace rz::nemesis
