#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"

#pragma GCC visibility push(default)
namespace rz {

/// What became of the store on the way to an answer, and how far the answer can be trusted.
struct StoreStatus {
  /// Why the store could not be reached: the mode is what this host decided, or last knew, alone.
  std::optional<Error> outage{};
  std::optional<TimePoint> store_seen{};  ///< In an outage: when the store was seen last.
  std::size_t spooled = 0;                ///< Transitions that wait for the store.
  std::size_t orders = 0;  ///< Pins and releases that wait for it and change no mode.
  /// The store knew less than this host had seen in it, and was given it back; empty: it did not.
  std::string store_lost{};
  /// The mode was entered although nothing could be kept of that, neither in the store nor here.
  bool unrecorded = false;
  /// Why the mode must not be taken for a yes, a sentence each; empty: it may.
  std::vector<std::string> doubts{};
  /// A callback that failed; replicas that have not confirmed; what became of a spool. The
  /// transition stands.
  std::vector<std::string> warnings{};
  std::vector<std::string> notes{};  ///< What is of interest to those who look for a fault.

  /// Adds a doubt that is not there yet; an empty one is none.
  void add_doubt(std::string doubt);

  /// Adds warnings that are not there yet.
  void add_warnings(std::vector<std::string> more);

  /// Adds what `other` found, but for what it has already.
  void add_findings(StoreStatus other);
};

}  // namespace rz
#pragma GCC visibility pop
