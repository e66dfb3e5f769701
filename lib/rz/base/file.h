#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
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
/// not.
/// Errors: not_found, unavailable (cannot be read), invalid_argument (more than `max_bytes`).
Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes);

/// The permissions of a file that is created.
struct FileRights {
  FileRights(mode_t mode_of_file = 0644) : mode(mode_of_file) {}
  /// Exactly `mode_of_file`, regardless of the umask.
  static FileRights exactly(mode_t mode_of_file) {
    FileRights rights(mode_of_file);
    rights.less_umask = false;
    return rights;
  }

  mode_t mode;
  bool less_umask = true;
};

/// Replaces `path` whole or not at all: writes a temporary file beside it, syncs it, renames it,
/// and syncs the folder. A new file gets `rights`; an existing one keeps its own mode. Where `path`
/// is not a regular file (/dev/stdout, a FIFO) it is written in place, and not atomically.
/// Errors: not_found (no such folder), unavailable; with the path and the system's message.
Result<void> write_file(const std::string& path, std::string_view bytes, FileRights rights = {});

/// As write_file, piece by piece: what it has is in no memory. Unless finish() is called, the file
/// stays as it is.
class FileReplacement {
 public:
  /// Errors: as write_file.
  static Result<FileReplacement> begin(const std::string& path, FileRights rights = {});
  FileReplacement(FileReplacement&& other) noexcept;
  ~FileReplacement();

  Result<void> append(std::string_view bytes);
  Result<void> finish();

 private:
  class TemporaryFile;
  struct Parts;
  explicit FileReplacement(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

/// Writes all of `bytes` to a descriptor: goes on after short writes and signals, and waits for a
/// non-blocking descriptor.
/// Errors: unavailable; errno is kept.
Result<void> write_all(int fd, std::string_view bytes);

/// Syncs the folder that holds `path`, so that a file that was just created, renamed or removed
/// there stays so after a crash of the machine.
/// Errors: unavailable.
Result<void> sync_folder_of(const std::string& path);

enum class FileKind { none, regular, other };

/// What `path` leads to; `none` if that cannot be found out.
FileKind kind_of_file(const std::string& path);

/// Locks the folder that holds `path` against every other caller of this function, in any process,
/// until the returned descriptor is closed.
/// Errors: not_found, unavailable, timeout (another process still holds it at `deadline`).
Result<UniqueFd> lock_folder_of(const std::string& path,
                                std::chrono::steady_clock::time_point deadline);

/// Creates the folder `path` and the missing ones above it, each with `mode`. It is no error if
/// they exist.
Result<void> make_folders(const std::string& path, mode_t mode = 0755);

}  // namespace rz
