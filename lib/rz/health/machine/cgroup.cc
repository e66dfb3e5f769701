#include "rz/health/machine/cgroup.h"

#include <algorithm>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/health/machine/mounts.h"

namespace rz::health {
namespace {

constexpr std::uint64_t kMaxFileBytes = 1024 * 1024;

std::string content_of(const std::string& path) {
  return read_file(path, kMaxFileBytes).value_or("");
}

std::optional<std::uint64_t> number_of_file(const std::string& path) {
  const std::string text = content_of(path);
  const auto number = parse_int(trim(text));
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

/// The number behind `name` in lines of `NAME NUMBER`.
std::uint64_t field_in(const std::string& path, std::string_view name) {
  const std::string text = content_of(path);
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with(name) || line.substr(name.size(), 1) != " ") continue;
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, parse_int(trim(line.substr(name.size()))).value_or(0)));
  }
  return 0;
}

bool has_word(std::string_view list, std::string_view word) {
  const auto words = split(list, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The path of this process's group in the hierarchy with `controller`; that of version 2 for "".
std::optional<std::string> group_path(std::string_view controller, const std::string& root) {
  const std::string text = content_of(root + "/proc/self/cgroup");
  for (const std::string_view line : split(text, '\n')) {
    // NUMBER:CONTROLLERS:PATH
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const bool meant = controller.empty() ? controllers.empty() : has_word(controllers, controller);
    if (meant) return std::string(line.substr(second + 1));
  }
  return std::nullopt;
}

/// Where the hierarchy is mounted: `type` is cgroup2, or cgroup with the controller as an option.
std::optional<Mount> find_mount(std::string_view type, std::string_view controller,
                                const std::string& root) {
  for (Mount& mount : read_mounts(root)) {
    if (mount.type != type) continue;
    if (controller.empty() || has_word(mount.options, controller)) return std::move(mount);
  }
  return std::nullopt;
}

// In a container the group's path is that of the host, and what is mounted is only the container's
// part of it.
std::string path_below(const Mount& mount, const std::string& path) {
  if (mount.root == "/") return path;
  if (path == mount.root) return "/";
  return path.starts_with(mount.root + "/") ? path.substr(mount.root.size()) : "/";
}

CgroupFolders folders_of(int version, const Mount& mount, const std::string& path,
                         const std::string& root) {
  CgroupFolders found{version, {}};
  std::string below = path_below(mount, path);
  // A process outside of its namespace's root has a path of `..`, which leads nowhere here.
  if (below.find("..") != std::string::npos) below = "/";
  while (below.size() > 1) {
    found.folders.push_back(root + mount.point + below);
    below.resize(below.rfind('/'));
  }
  found.folders.push_back(root + mount.point);
  return found;
}

std::optional<CgroupMemory> memory_of(int version, const std::string& folder) {
  const auto limit =
      number_of_file(folder + (version == 2 ? "/memory.max" : "/memory.limit_in_bytes"));
  const auto usage =
      number_of_file(folder + (version == 2 ? "/memory.current" : "/memory.usage_in_bytes"));
  // Version 1 writes almost 2^63 where there is no limit; version 2 the word `max`.
  constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62;
  if (!limit || !usage || *limit >= kNoLimit) return std::nullopt;
  const std::uint64_t cache =
      field_in(folder + "/memory.stat", version == 2 ? "inactive_file" : "total_inactive_file");
  return CgroupMemory{*limit, *usage - std::min(*usage, cache)};
}

std::optional<double> cpus_of(int version, const std::string& folder) {
  std::optional<double> quota, period;
  if (version == 2) {
    const std::string text = content_of(folder + "/cpu.max");
    const auto words = split(trim(text), ' ');
    if (words.size() == 2) {
      quota = parse_double(words[0]);  // `max` is none.
      period = parse_double(words[1]);
    }
  } else {
    const std::string micros = content_of(folder + "/cpu.cfs_quota_us");
    quota = parse_double(trim(micros));  // -1 is none.
    const std::string of_micros = content_of(folder + "/cpu.cfs_period_us");
    period = parse_double(trim(of_micros));
  }
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return *quota / *period;
}

// Where cpuacct counts for the group at `folder` of the controller cpu. Empty: there too, or the
// process is in another group there, which tells nothing of this one.
std::string accounting_folder_of(const std::string& folder, const CgroupFolders& cpu,
                                 const std::string& root) {
  if (group_path("cpu", root) != group_path("cpuacct", root)) return {};
  const std::vector<std::string> accounting = find_cgroup("cpuacct", root).folders;
  for (std::size_t i = 0; i < std::min(cpu.folders.size(), accounting.size()); ++i) {
    // The same path below both mounts, from the inside out.
    if (cpu.folders[i] == folder && accounting[i] != folder) return accounting[i];
  }
  return {};
}

}  // namespace

CgroupFolders find_cgroup(std::string_view controller, const std::string& root) {
  // A controller belongs to one hierarchy: where version 1 has it, version 2 does not.
  if (const auto path = group_path(controller, root)) {
    const auto mount = find_mount("cgroup", controller, root);
    if (mount) return folders_of(1, *mount, *path, root);
  }
  if (const auto path = group_path("", root)) {
    const auto mount = find_mount("cgroup2", "", root);
    if (mount) return folders_of(2, *mount, *path, root);
  }
  return {};
}

std::optional<CgroupMemory> cgroup_memory(const std::string& root) {
  const CgroupFolders found = find_cgroup("memory", root);
  const auto left = [](const CgroupMemory& memory) {
    return memory.limit_bytes - std::min(memory.limit_bytes, memory.used_bytes);
  };
  std::optional<CgroupMemory> tightest;
  for (const std::string& folder : found.folders) {
    const auto memory = memory_of(found.version, folder);
    if (memory && (!tightest || left(*memory) < left(*tightest))) tightest = memory;
  }
  return tightest;
}

std::optional<CgroupQuota> cgroup_quota(const std::string& root) {
  const CgroupFolders found = find_cgroup("cpu", root);
  std::optional<CgroupQuota> tightest;
  for (const std::string& folder : found.folders) {
    const auto cpus = cpus_of(found.version, folder);
    if (cpus && (!tightest || *cpus < tightest->cpus)) {
      tightest = CgroupQuota{found.version, folder, *cpus, {}};
    }
  }
  if (tightest && tightest->version == 1) {
    tightest->accounting_folder = accounting_folder_of(tightest->folder, found, root);
  }
  return tightest;
}

std::optional<double> cgroup_cpu_seconds(const CgroupQuota& quota) {
  if (quota.version == 2) {
    const std::uint64_t micros = field_in(quota.folder + "/cpu.stat", "usage_usec");
    if (micros == 0) return std::nullopt;
    return static_cast<double>(micros) / 1e6;
  }
  const auto nanos =
      number_of_file((quota.accounting_folder.empty() ? quota.folder : quota.accounting_folder) +
                     "/cpuacct.usage");
  if (!nanos) return std::nullopt;
  return static_cast<double>(*nanos) / 1e9;
}

}  // namespace rz::health
