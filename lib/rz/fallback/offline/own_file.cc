#include "rz/fallback/offline/own_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <thread>

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

bool is_at(const std::string& path, int fd) {
  struct stat there {};
  struct stat open {};
  return ::stat(path.c_str(), &there) == 0 && ::fstat(fd, &open) == 0 &&
         there.st_dev == open.st_dev && there.st_ino == open.st_ino;
}

bool is_left_behind(int fd) {
  constexpr std::chrono::hours kSurely{1};
  struct stat status {};
  if (::fstat(fd, &status) != 0) return false;
  const auto written = std::chrono::system_clock::from_time_t(status.st_mtime);
  return std::chrono::system_clock::now() - written > kSurely;
}

Result<void> remove_own(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return failed("cannot remove", path, errno);
  }
  return sync_folder_of(path);
}

Result<UniqueFd> lock_own(const std::string& path, Millis wait) {
  const std::string folder = std::filesystem::path(path).parent_path();
  if (auto made = make_own_folder(folder); !made) return fail(std::move(made).error());
  const auto deadline = std::chrono::steady_clock::now() + wait;
  // Others remove a file of a call once between its opening and its lock, not again and again:
  // where a file system gives a file other numbers each time, this must end.
  constexpr int kRemovalsMax = 100;
  for (int i = 0; i < kRemovalsMax; ++i) {
    auto fd = open_own(path, O_RDWR | O_CREAT);
    if (!fd) return fd;
    while (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) return failed("cannot lock", path, errno);
      if (std::chrono::steady_clock::now() >= deadline) {
        return fail(ErrorCode::timeout, "another rz has held it for too long", path);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    if (is_at(path, fd->get())) return fd;
  }
  return fail(ErrorCode::unavailable, "cannot lock: the file is replaced again and again", path);
}

// FNV-1a.
std::string short_name(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

}  // namespace rz::fallback
