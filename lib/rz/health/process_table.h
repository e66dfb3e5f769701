#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "rz/base/result.h"

namespace rz::health {

/// A process as /proc shows it.
struct ProcessEntry {
  pid_t pid = 0;
  std::string name;     ///< Of its program, without the folder; not cut off where that is known.
  std::string command;  ///< Its arguments, joined by blanks; empty for a thread of the kernel.
  std::uint64_t rss_bytes = 0;
};

/// All processes but zombies and this one.
struct ProcessTable {
  std::vector<ProcessEntry> processes;
  /// Whether there are others that this user may not see (/proc is mounted with hidepid).
  bool incomplete = false;
};

/// Reads the processes below `proc_folder`. Those that end meanwhile are left out.
/// Errors: unavailable, own_side.
Result<ProcessTable> read_process_table(const std::string& proc_folder = "/proc");

}  // namespace rz::health
