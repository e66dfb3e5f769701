#include "rz/base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <thread>

#include "rz/base/descriptor_limit.h"
#include "rz/base/text.h"

namespace rz {
namespace {

tl::unexpected<Error> system_error(const std::string& what, const std::string& path, int error) {
  const ErrorCode code = error == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable;
  return fail(code, what + ": " + errno_text(error), path);
}

// Whether the call that failed with errno should be repeated: after a signal, or when a
// non-blocking descriptor has become ready, which is waited for here. Of a FIFO that has a reader
// rz opens such a descriptor itself; and it shares standard input and output with other programs.
bool passing(int fd, short event) {
  if (errno == EINTR) return true;
  if (errno != EAGAIN) return false;
  pollfd ready{fd, event, 0};
  return ::poll(&ready, 1, -1) > 0 || errno == EINTR;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

Result<UniqueFd> open_in_place(const std::string& path) {
  // Opening a FIFO would wait until somebody reads from it.
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd && errno == ENXIO) {
    return fail(ErrorCode::unavailable, "cannot write: nobody reads from this pipe", path);
  }
  if (!fd) return system_error("cannot write", path, errno);
  return fd;
}

}  // namespace

void UniqueFd::reset(int fd) {
  if (fd_ >= 0 && fd_ != fd) ::close(fd_);
  fd_ = fd;
}

std::string errno_text(int error) {
  // Needs no descriptor, of which there may be none left, and is in no locale.
  const char* known = ::strerrordesc_np(error);
  std::string text = known != nullptr ? known : "Unknown error " + std::to_string(error);
  // Whose limit that is, and how much it allows, is what a person needs to know.
  if (error == EMFILE) {
    text += " (this process may have " + std::to_string(descriptor_limit()) + "; see ulimit -n)";
  }
  return text;
}

std::string input_name(const std::string& path) { return path == "-" ? "stdin" : path; }

Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes) {
  UniqueFd opened;
  int fd = STDIN_FILENO;
  if (path != "-") {
    opened.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened) return system_error("cannot read", path, errno);
    fd = opened.get();
  }
  const std::string where = path == "-" ? "standard input" : path;
  struct stat status {};
  const bool regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  std::string text;
  if (regular && static_cast<std::uint64_t>(status.st_size) <= max_bytes) {
    text.reserve(static_cast<std::size_t>(status.st_size) + 1);
  }
  // Read to the end, whatever the size says: files of /proc and pipes have the size 0.
  char chunk[64 * 1024];
  while (true) {
    const ssize_t n = ::read(fd, chunk, sizeof chunk);
    if (n == 0) return text;
    if (n < 0 && passing(fd, POLLIN)) continue;
    if (n < 0) return system_error("cannot read", where, errno);
    text.append(chunk, static_cast<std::size_t>(n));
    if (text.size() > max_bytes) {
      return fail(ErrorCode::invalid_argument, "is larger than " + humanize_size(max_bytes), where);
    }
  }
}

/// A temporary file, removed unless rename_to() succeeds.
class FileReplacement::TemporaryFile {
 public:
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  // Not by mkstemp(), which always gives mode 0600: here the kernel applies the umask to `mode`. A
  // program can read its umask only by changing it for a moment, which other threads would notice.
  Result<void> create(const std::string& target, mode_t mode) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
    constexpr int kTries = 100;
    std::random_device random;
    for (int i = 0; i < kTries; ++i) {
      path_ = target + ".";
      for (int k = 0; k < 6; ++k) path_ += kLetters[random() % kLetters.size()];
      fd_.reset(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
      if (fd_) return {};
      const int error = errno;
      path_.clear();
      if (error != EEXIST) return system_error("cannot write", target, error);
    }
    return system_error("cannot write", target, EEXIST);
  }

  int fd() const { return fd_.get(); }

  /// Ends the writing. Sets `mode` regardless of the umask; without one, the file keeps the mode
  /// that create() gave it.
  Result<void> close(std::optional<mode_t> mode, const std::string& target) {
    // The content must be on the disk before the rename: otherwise a crash could leave an empty
    // file under the final name.
    if ((mode && ::fchmod(fd_.get(), *mode) != 0) || ::fsync(fd_.get()) != 0 ||
        ::close(fd_.release()) != 0) {
      return system_error("cannot write", target, errno);
    }
    return {};
  }

  Result<void> rename_to(const std::string& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) {
      return system_error("cannot replace", target, errno);
    }
    path_.clear();
    return sync_folder_of(target);
  }

 private:
  std::string path_;
  UniqueFd fd_;
};

struct FileReplacement::Parts {
  std::string path;    ///< For messages.
  std::string target;  ///< What is replaced.
  std::optional<mode_t> mode;
  UniqueFd in_place;  ///< For what is not a regular file; else:
  TemporaryFile file;
};

FileReplacement::FileReplacement(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
FileReplacement::FileReplacement(FileReplacement&& other) noexcept = default;
FileReplacement::~FileReplacement() = default;

Result<FileReplacement> FileReplacement::begin(const std::string& path, FileRights rights) {
  auto parts = std::make_unique<Parts>();
  // Renaming onto a symbolic link would replace the link, not the file that it names.
  parts->path = parts->target = path;
  char resolved[PATH_MAX];
  if (::realpath(path.c_str(), resolved) != nullptr) parts->target = resolved;

  struct stat status {};
  const bool exists = ::stat(parts->target.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) return system_error("cannot write", path, EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    auto opened = open_in_place(parts->target);
    if (!opened) return fail(std::move(opened).error());
    parts->in_place = *std::move(opened);
    return FileReplacement(std::move(parts));
  }
  if (!rights.less_umask) parts->mode = rights.mode;
  if (exists) parts->mode = status.st_mode & 07777;
  // A file whose mode is set later starts with 0600, so that nobody can open it before.
  auto made = parts->file.create(parts->target, parts->mode ? 0600 : rights.mode);
  if (!made) return fail(std::move(made).error());
  return FileReplacement(std::move(parts));
}

Result<void> FileReplacement::append(std::string_view bytes) {
  const int fd = parts_->in_place ? parts_->in_place.get() : parts_->file.fd();
  auto written = write_all(fd, bytes);
  if (written) return written;
  return fail(written.error().code, "cannot write: " + written.error().message, parts_->path);
}

Result<void> FileReplacement::finish() {
  if (parts_->in_place) return {};
  if (auto closed = parts_->file.close(parts_->mode, parts_->path); !closed) return closed;
  return parts_->file.rename_to(parts_->target);
}

Result<void> write_file(const std::string& path, std::string_view bytes, FileRights rights) {
  auto file = FileReplacement::begin(path, rights);
  if (!file) return fail(std::move(file).error());
  if (auto written = file->append(bytes); !written) return written;
  return file->finish();
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (!passing(fd, POLLOUT)) {
      const int error = errno;
      auto failed = fail(ErrorCode::unavailable, errno_text(error));
      errno = error;
      return failed;
    }
  }
  return {};
}

FileKind kind_of_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return FileKind::none;
  return S_ISREG(status.st_mode) ? FileKind::regular : FileKind::other;
}

Result<UniqueFd> lock_folder_of(const std::string& path,
                                std::chrono::steady_clock::time_point deadline) {
  std::string target = path;
  char resolved[PATH_MAX];
  if (::realpath(path.c_str(), resolved) != nullptr) target = resolved;
  const std::string folder = folder_of(target);
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return system_error("cannot write", path, errno);
  // The folder is locked and not the file, because write_file() replaces the file by another one.
  // flock() takes no deadline, so it is asked again and again.
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return system_error("cannot lock the folder", path, errno);
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorCode::timeout, "another rz is writing in its folder", path);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return fd;
}

Result<void> sync_folder_of(const std::string& path) {
  const std::string folder = folder_of(path);
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // A folder that may be written to but not read cannot be opened to be synced, and some file
  // systems answer EINVAL. The rename has been done all the same, so neither is an error.
  if (fd && ::fsync(fd.get()) != 0 && errno != EINVAL) {
    return system_error("cannot sync the folder", folder, errno);
  }
  return {};
}

Result<void> make_folders(const std::string& path, mode_t mode) {
  for (std::size_t end = 1; end <= path.size(); ++end) {
    if (end != path.size() && path[end] != '/') continue;
    const std::string folder = path.substr(0, end);
    if (::mkdir(folder.c_str(), mode) == 0 || errno == EEXIST) continue;
    return system_error("cannot make the folder", folder, errno);
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return system_error("cannot make the folder", path, errno);
  if (!S_ISDIR(status.st_mode)) return system_error("cannot make the folder", path, ENOTDIR);
  return {};
}

}  // namespace rz
