#include "rz/bench/disk_probe.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "rz/base/file.h"

namespace rz::bench {
namespace {

const std::string kBlock(4096, 'x');

/// A file without a name, which goes with the process.
UniqueFd open_unnamed() {
  std::error_code error;
  std::string path = std::filesystem::temp_directory_path(error) / "rz-bench-XXXXXX";
  if (error) return {};
  UniqueFd fd(::mkostemp(path.data(), O_CLOEXEC));
  if (fd) ::unlink(path.c_str());
  return fd;
}

}  // namespace

std::function<double()> disk_probe() {
  return [file = std::make_shared<UniqueFd>()] {
    if (!*file) *file = open_unnamed();
    if (!*file) return 0.0;
    const auto start = std::chrono::steady_clock::now();
    const bool written = ::pwrite(file->get(), kBlock.data(), kBlock.size(), 0) ==
                             static_cast<ssize_t>(kBlock.size()) &&
                         ::fdatasync(file->get()) == 0;
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
    return written ? time.count() : 0.0;
  };
}

}  // namespace rz::bench
