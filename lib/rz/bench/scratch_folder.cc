#include "rz/bench/scratch_folder.h"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "rz/base/file.h"

namespace rz::bench {
namespace {

constexpr const char* kMemory = "/dev/shm";

Result<std::shared_ptr<ScratchFolder>> make_under(const std::filesystem::path& parent) {
  std::string path = parent / "rz-bench-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return fail(ErrorCode::unavailable,
                "cannot make a folder: " + errno_text(errno) + "; set TMPDIR to another place",
                parent);
  }
  return std::make_shared<ScratchFolder>(path);
}

}  // namespace

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Result<std::shared_ptr<ScratchFolder>> ScratchFolder::make() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  if (error) return fail(ErrorCode::unavailable, error.message(), "TMPDIR");
  return make_under(parent);
}

Result<std::shared_ptr<ScratchFolder>> ScratchFolder::make_in_memory() {
  return has_memory() ? make_under(kMemory) : make();
}

bool ScratchFolder::has_memory() {
  struct statfs system {};
  return ::statfs(kMemory, &system) == 0 && system.f_type == TMPFS_MAGIC &&
         ::access(kMemory, W_OK) == 0;
}

}  // namespace rz::bench
