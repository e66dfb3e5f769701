#include "rz/base/new_file.h"

#include <unistd.h>

#include <cerrno>

#include "rz/base/file.h"
#include "rz/base/random_token.h"

namespace rz {

// A link to what was written beside it takes the name only where nothing has it.
Result<void> write_new_file(const std::string& path, const std::string& bytes) {
  const std::string beside = path + "." + random_token();
  if (auto written = write_file(beside, bytes); !written) {
    written.error().where = path;  // Nobody knows the other name.
    return written;
  }
  const int linked = ::link(beside.c_str(), path.c_str());
  const int error = errno;
  ::unlink(beside.c_str());
  if (linked == 0) return sync_folder_of(path);
  if (error == EEXIST) return fail(ErrorCode::conflict, "is there already", path);
  return fail(ErrorCode::unavailable, "cannot write: " + errno_text(error), path);
}

}  // namespace rz
