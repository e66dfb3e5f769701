#include "rz/base/appended_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace rz {
namespace {

constexpr mode_t kRights = 0644;

// Whether it ends in the middle of a line.
bool is_cut_off(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) return false;
  char last = '\n';
  return ::pread(fd, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

}  // namespace

Result<UniqueFd> open_to_append(const std::string& path) {
  constexpr int kFlags = O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK;
  // Opened for reading too, a FIFO would seem to have a reader. How a file ends is read.
  const bool reads = kind_of_file(path) != FileKind::other;
  UniqueFd fd(::open(path.c_str(), (reads ? O_RDWR : O_WRONLY) | kFlags, kRights));
  if (!fd && errno == EACCES && reads) fd.reset(::open(path.c_str(), O_WRONLY | kFlags, kRights));
  if (fd) return fd;
  const int error = errno;
  if (error == ENXIO) {
    return fail(ErrorCode::unavailable, "cannot write: nobody reads from this pipe", path);
  }
  return fail(error == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
              "cannot write: " + errno_text(error), path);
}

Result<void> append_line(int fd, std::string_view line) {
  std::string bytes = is_cut_off(fd) ? "\n" : "";
  bytes.append(line).append(1, '\n');
  ssize_t count = 0;
  do {
    count = ::write(fd, bytes.data(), bytes.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) {
    return fail(ErrorCode::unavailable, "whoever reads from this pipe does not keep up");
  }
  if (count < 0) return fail(ErrorCode::unavailable, errno_text(errno));
  if (static_cast<std::size_t>(count) == bytes.size()) return {};
  return fail(ErrorCode::unavailable, "only " + std::to_string(count) + " of " +
                                          std::to_string(bytes.size()) + " bytes could be written");
}

}  // namespace rz
