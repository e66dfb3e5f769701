#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz::health {

/// A process as /proc shows it.
struct ProcessEntry {
  pid_t pid = 0;
  std::string name;     ///< Of its program, without the folder; not cut off where that is known.
  std::string command;  ///< Its arguments, joined by blanks; empty for a thread of the kernel.
  std::uint64_t rss_bytes = 0;
  Micros started{0};     ///< After the machine's boot, to a hundredth of a second.
  bool stopped = false;  ///< By a signal, as SIGSTOP, or by a debugger: it does nothing.
};

/// All processes but zombies and this one.
struct ProcessTable {
  std::vector<ProcessEntry> processes;
  /// Whether there are others that this user may not see (/proc is mounted with hidepid).
  bool incomplete = false;
};

/// When the process `pid` started, after the machine's boot; nothing if that cannot be read.
std::optional<Micros> process_start(pid_t pid, const std::string& proc_folder = "/proc");

/// Reads the processes below `proc_folder`. Those that end meanwhile are left out.
/// Errors: unavailable, own_side.
Result<ProcessTable> read_process_table(const std::string& proc_folder = "/proc");

}  // namespace rz::health
