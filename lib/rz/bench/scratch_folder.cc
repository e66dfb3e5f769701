#include "rz/bench/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "rz/base/file.h"

namespace rz::bench {

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Result<std::shared_ptr<ScratchFolder>> ScratchFolder::make() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  if (error) return fail(ErrorCode::unavailable, error.message(), "TMPDIR");
  std::string path = parent / "rz-bench-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return fail(ErrorCode::unavailable,
                "cannot make a folder: " + errno_text(errno) + "; set TMPDIR to another place",
                parent);
  }
  return std::make_shared<ScratchFolder>(path);
}

}  // namespace rz::bench
