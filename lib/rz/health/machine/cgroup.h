#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rz::health {

/// What a control group of the kernel allows this process and its neighbours in one container or
/// service, and what they use. Versions 1 and 2, side by side as well. Of nested groups the
/// tightest limit counts. All paths are below `root`, which tests replace.

/// The group of this process and those that hold it, from the inside out.
struct CgroupFolders {
  int version = 0;  ///< 1 or 2; 0: there is no such controller.
  std::vector<std::string> folders;
};

/// Where the controller (`memory`, `cpu`) keeps its files.
CgroupFolders find_cgroup(std::string_view controller, const std::string& root = "");

struct CgroupMemory {
  std::uint64_t limit_bytes = 0;
  std::uint64_t used_bytes = 0;  ///< Without the cache of files, which the kernel would give back.
};

/// The group with the least that is left below its limit; nothing if no group has a limit.
std::optional<CgroupMemory> cgroup_memory(const std::string& root = "");

/// A quota of CPU time.
struct CgroupQuota {
  int version = 0;
  std::string folder;  ///< Of the group that has it.
  double cpus = 0;     ///< How many CPUs' time it allows, as 0.5.
  /// Where version 1 counts what the group has used, if the controllers cpu and cpuacct are mounted
  /// apart; empty: in `folder`.
  std::string accounting_folder{};
};

/// The tightest quota; nothing if there is none.
std::optional<CgroupQuota> cgroup_quota(const std::string& root = "");

/// How much CPU time the group has used so far, in seconds.
std::optional<double> cgroup_cpu_seconds(const CgroupQuota& quota);

}  // namespace rz::health
