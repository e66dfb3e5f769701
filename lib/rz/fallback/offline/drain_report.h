#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rz/fallback/offline/spool.h"
#include "rz/fallback/offline/spool_entry.h"

namespace rz::fallback {

/// The outcome of a spool's entries once the store was back.
struct DrainReport {
  /// Transitions that are now the store's, as if it had never been away.
  std::size_t recorded = 0;
  /// Transitions that are in its history alone: others had moved on.
  std::size_t overtaken = 0;
  std::size_t pins_lost = 0;  ///< Pins set or taken away meanwhile that were overtaken.
  SpoolDamage damage;
  bool busy = false;  ///< Another process drains the spool now: nothing was done.
  /// What the store had lost, for people; it was put back first. Empty: nothing.
  std::string store_lost;
  /// Why an order given there since holds instead: see describe_overruled().
  std::string overruled;
  /// That the store was begun anew on purpose, for people: see describe_beginning().
  std::string begun_anew;
  /// What replicas may not have; a spool that could not be read or shortened.
  std::vector<std::string> warnings;

  /// What a person should know, a sentence each; without store_lost, damage,
  /// lost_decisions() and lost_orders().
  std::vector<std::string> sentences() const;
  /// Says that transitions of this host alone do not hold; empty: all hold.
  std::string lost_decisions() const;
  /// Says that an order of a person does not hold; empty: every order holds. The person may be the
  /// one who asks for the mode now, and rely on the order.
  std::string lost_orders() const;
};

/// DrainReport::lost_orders() of a drain of `entries` where others have decided meanwhile.
std::string lost_orders(const std::vector<SpoolEntry>& entries);

}  // namespace rz::fallback
