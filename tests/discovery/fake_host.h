#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temp_folder.h"

namespace rz::testing {

/// A folder with what a machine shows of itself.
struct FakeHost : TempFolder {
  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path() + "/" + name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  /// A process with sockets of these inodes.
  void process(int pid, const std::string& name, const std::string& inode) const {
    const std::string folder = "proc/" + std::to_string(pid);
    write(folder + "/comm", name + "\n");
    write(folder + "/cmdline", std::string("/usr/bin/x\0--password=hunter2\0", 30));
    std::filesystem::create_directories(path() + "/" + folder + "/fd");
    std::filesystem::create_symlink("socket:[" + inode + "]", path() + "/" + folder + "/fd/3");
  }

  /// Rows of /proc/net/tcp or tcp6: `LOCAL STATE INODE` each.
  void sockets(const std::string& table, const std::string& rows) const {
    write("proc/net/" + table,
          "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
          "timeout inode\n" +
              rows);
  }

  static std::string row(const std::string& local, const std::string& state,
                         const std::string& inode) {
    return "   0: " + local + " 00000000:0000 " + state +
           " 00000000:00000000 00:00000000 00000000     0        0 " + inode +
           " 1 0000000000000000 100 0 0 10 0\n";
  }
};

}  // namespace rz::testing
