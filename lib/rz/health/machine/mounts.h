#pragma once

#include <string>
#include <vector>

namespace rz::health {

/// A mounted file system, as /proc/self/mountinfo shows it to this process.
struct Mount {
  std::string device;   ///< `MAJOR:MINOR`: the same for all mounts of one file system.
  std::string root;     ///< Which folder of the file system is mounted.
  std::string point;    ///< Where.
  std::string type;     ///< `ext4`, `nfs4`.
  std::string options;  ///< Of the file system, split by commas.
};

/// All mounts, in the order of the system; none if they cannot be read. Asks no file system, so a
/// dead one holds up nothing. `root` is a folder with a `proc`; tests give their own.
std::vector<Mount> read_mounts(const std::string& root = "");

/// The points of the mounts that `pattern` (fnmatch(3), where `*` matches slashes too) matches,
/// each file system once: without the types in `excluded`, and without those that another mount
/// hides.
std::vector<std::string> matching_mounts(const std::vector<Mount>& mounts,
                                         const std::string& pattern,
                                         const std::vector<std::string>& excluded);

}  // namespace rz::health
