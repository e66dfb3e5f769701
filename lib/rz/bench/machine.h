#pragma once

#include <string>
#include <vector>

#include "rz/base/value.h"

namespace rz::bench {

/// Where the kernel tells about the machine; tests have files of their own.
struct MachineFiles {
  std::string proc = "/proc";
  std::string sys = "/sys";
};

/// The machine on which figures were measured: `cpu cores kernel compiler build rz_version`, and
/// `governor` where the kernel tells it.
Value machine_fingerprint(const MachineFiles& files = {});

/// One thing in which two machines differ.
struct MachineDifference {
  std::string what;  ///< `cpu`.
  std::string before;
  std::string now;
  /// Times of the two cannot be compared: another processor, or rz built in another way. What else
  /// differs may explain a difference.
  bool incomparable = false;
};

/// What differs of two fingerprints, the version of rz apart. What only one of them has is not
/// compared: other programs save other members.
std::vector<MachineDifference> machine_differences(const Value& before, const Value& now);

/// How busy the machine is while something is measured.
class MachineWatch {
 public:
  /// Begins to watch.
  explicit MachineWatch(MachineFiles files = {});

  /// Since it began: `load` (the load average at the beginning), `steal_percent` (of the processor
  /// time, what the hypervisor gave to others), `busy_percent` (what was not idle, this process
  /// included). What the kernel does not tell is missing.
  Value conditions() const;

 private:
  struct Times {
    double all = 0;
    double idle = 0;
    double steal = 0;
  };
  Times read_times() const;

  MachineFiles files_;
  Value load_;
  Times begin_;
};

/// What makes figures unsteady, a sentence each, with what to do about it: the governor, turbo
/// frequencies, other load, a hypervisor that takes time away. `conditions` are those of a
/// MachineWatch.
std::vector<std::string> unsteady_because(const Value& machine, const Value& conditions,
                                          const MachineFiles& files = {});

}  // namespace rz::bench
