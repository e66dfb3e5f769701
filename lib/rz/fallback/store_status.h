#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"

#pragma GCC visibility push(default)
namespace rz {

/// How the store behaved while an answer was made, and how far the answer can be trusted.
struct StoreStatus {
  /// Why the store could not be reached: the mode is what this host decided, or last knew, alone.
  std::optional<Error> outage{};
  std::optional<TimePoint> store_seen{};  ///< In an outage: when the store was seen last.
  std::size_t spooled = 0;                ///< Transitions that wait for the store.
  std::size_t orders = 0;  ///< Pins and releases that wait for it and change no mode.
  /// The store knew less than this host had seen in it, and what it had lost was put back; empty:
  /// it had lost nothing.
  std::string store_lost{};
  /// The mode was entered although that could be recorded neither in the store nor on this host.
  bool unrecorded = false;
  /// Why a gate must not answer yes from this mode, a sentence each; empty: it may.
  std::vector<std::string> doubts{};
  /// A callback that failed; replicas that have not confirmed; the outcome of a drain. The
  /// transition holds all the same.
  std::vector<std::string> warnings{};
  std::vector<std::string> notes{};  ///< What is of interest to those who look for a fault.

  /// Adds a doubt that is not there yet; an empty one is none.
  void add_doubt(std::string doubt);

  /// Adds warnings that are not there yet.
  void add_warnings(std::vector<std::string> more);

  /// Adds what `other` found and this does not have yet.
  void add_findings(StoreStatus other);
};

}  // namespace rz
#pragma GCC visibility pop
