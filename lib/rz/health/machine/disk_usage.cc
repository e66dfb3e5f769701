#include "rz/health/machine/disk_usage.h"

#include <sys/statvfs.h>

#include <cerrno>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::health {
namespace {

double percent(double used, double rest) {
  return used + rest > 0 ? 100 * used / (used + rest) : 0;
}

// Whether the file system itself has failed: a dying disk, a network mount that has gone. Any other
// error is about the path, or about the rights of this user.
bool is_of_file_system(int error) {
  return error == EIO || error == ESTALE || error == ENOTCONN || error == ETIMEDOUT ||
         error == EHOSTDOWN || error == EREMOTEIO;
}

}  // namespace

Result<DiskUsage> measure_disk(const std::string& path) {
  struct statvfs fs {};
  while (::statvfs(path.c_str(), &fs) != 0) {
    if (errno == EINTR) continue;
    const int error = errno;
    return fail(Error{error == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
                      errno_text(error), printable(path), !is_of_file_system(error)});
  }
  // What has no size tells nothing: a pseudo file system, a mount point that waits for its mount.
  if (fs.f_blocks == 0) {
    return fail(Error{ErrorCode::unavailable, "the file system does not tell its size",
                      printable(path), true});
  }
  // f_blocks counts units of f_frsize, which some file systems leave at 0.
  const std::uint64_t unit = fs.f_frsize != 0 ? fs.f_frsize : fs.f_bsize;
  DiskUsage usage;
  usage.total_bytes = fs.f_blocks * unit;
  usage.available_bytes = fs.f_bavail * unit;
  usage.used_percent =
      percent(static_cast<double>(fs.f_blocks - fs.f_bfree), static_cast<double>(fs.f_bavail));
  usage.inodes_percent =
      percent(static_cast<double>(fs.f_files - fs.f_ffree), static_cast<double>(fs.f_favail));
  return usage;
}

}  // namespace rz::health
