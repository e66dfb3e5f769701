#include "rz/fallback/offline/own_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace rz::fallback {
namespace {

tl::unexpected<Error> failed(const std::string& what, const std::string& path, int error) {
  return fail(ErrorCode::unavailable, what + ": " + errno_text(error), path);
}

tl::unexpected<Error> not_ours(const std::string& path) {
  return fail(ErrorCode::corrupt, "others can write to it; remove it, or correct owner and mode",
              path);
}

bool is_ours(const struct stat& status) {
  return status.st_uid == ::geteuid() && (status.st_mode & 022) == 0;
}

}  // namespace

Result<UniqueFd> open_own(const std::string& path, int flags) {
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kOwnerOnly));
  if (!fd && errno == ENOENT) return fail(ErrorCode::not_found, "is not there", path);
  if (!fd) return failed("cannot open", path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return failed("cannot open", path, errno);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::corrupt, "is not a regular file; remove it", path);
  }
  if (!is_ours(status)) return not_ours(path);
  return fd;
}

Result<void> make_own_folder(const std::string& path) {
  if (auto made = make_folders(path, 0700); !made) return made;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return failed("cannot use the folder", path, errno);
  if (!is_ours(status)) return not_ours(path);
  return {};
}

Result<std::string> read_own(const std::string& path) {
  auto text = find_own(path);
  if (!text) return fail(std::move(text).error());
  return std::move(*text).value_or(std::string());
}

Result<std::optional<std::string>> find_own(const std::string& path) {
  const auto fd = open_own(path, O_RDONLY);
  if (!fd && fd.error().code == ErrorCode::not_found) return std::nullopt;
  if (!fd) return fail(fd.error());
  std::string text;
  char part[16 * 1024];
  for (;;) {
    const ssize_t count = ::read(fd->get(), part, sizeof part);
    if (count == 0) return text;
    if (count < 0 && errno != EINTR) return failed("cannot read", path, errno);
    if (count > 0) text.append(part, static_cast<std::size_t>(count));
  }
}

Result<void> append_own(const std::string& path, std::string_view text) {
  const auto fd = open_own(path, O_WRONLY | O_APPEND | O_CREAT);
  if (!fd) return fail(fd.error());
  const off_t size = ::lseek(fd->get(), 0, SEEK_END);
  auto written = write_all(fd->get(), text);
  if (written && ::fdatasync(fd->get()) != 0) {
    written = fail(ErrorCode::unavailable, errno_text(errno));
  }
  if (written && size == 0) written = sync_folder_of(path);
  if (written) return {};
  // A half-written line, or an empty file, would count as damage.
  if (size == 0) {
    (void)::unlink(path.c_str());
  } else {
    (void)!::ftruncate(fd->get(), size);
  }
  return fail(ErrorCode::unavailable, "cannot write: " + written.error().message, path);
}

Result<void> remove_own(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return failed("cannot remove", path, errno);
  }
  return sync_folder_of(path);
}

}  // namespace rz::fallback
