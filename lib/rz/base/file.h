#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "rz/base/result.h"

namespace rz {

/// Owns a file descriptor; closes it once.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

/// The text of an errno value, thread-safe.
std::string errno_text(int error);

/// What messages call the input `path`: `stdin` for `-`, else the path itself.
std::string input_name(const std::string& path);

/// The whole of `path`, or of standard input for `-`. A FIFO or /dev/stdin is fine; a folder is
/// not. Errors: not_found, unavailable (cannot be read), invalid_argument (more than `max_bytes`).
Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes);

/// The rights of a file that is made.
struct FileRights {
  FileRights(mode_t mode_of_file = 0644) : mode(mode_of_file) {}
  /// Whatever the umask.
  static FileRights exactly(mode_t mode_of_file) {
    FileRights rights(mode_of_file);
    rights.less_umask = false;
    return rights;
  }

  mode_t mode;
  bool less_umask = true;
};

/// Replaces `path` whole or not at all: a temporary file beside it, written, fsynced, renamed, and
/// the folder fsynced. A new file gets `rights`; an existing one keeps its own mode.
/// Not atomic, and written in place, where `path` is not a regular file (/dev/stdout, a FIFO).
/// Errors: not_found (no such folder), unavailable; with the path and the system's word.
Result<void> write_file(const std::string& path, std::string_view bytes, FileRights rights = {});

/// Writes all of it to a descriptor, through short writes, EINTR and a descriptor that does not
/// block. Errors: unavailable; errno is kept.
Result<void> write_all(int fd, std::string_view bytes);

/// Brings the name of `path` in its folder to the disk: what was just made, renamed or removed
/// there survives a crash of the machine. Errors: unavailable.
Result<void> sync_folder_of(const std::string& path);

enum class FileKind { none, regular, other };

/// What `path` leads to; a file that cannot be looked at is none.
FileKind kind_of_file(const std::string& path);

/// A lock that lives as long as the descriptor: of the folder that `path` is in, for all who ask
/// for it by this function. Errors: not_found, unavailable, timeout (somebody else has it).
Result<UniqueFd> lock_folder_of(const std::string& path,
                                std::chrono::steady_clock::time_point deadline);

/// Makes `path` and what is missing above it, each with `mode`. One that exists is fine.
Result<void> make_folders(const std::string& path, mode_t mode = 0755);

}  // namespace rz
