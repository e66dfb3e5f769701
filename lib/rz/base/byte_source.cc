#include "rz/base/byte_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "rz/base/compression_module.h"
#include "rz/base/file.h"

namespace rz {
namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(UniqueFd owned, int fd, std::uint64_t size, std::string where,
             std::function<bool()> go_on)
      : owned_(std::move(owned)),
        fd_(fd),
        size_(size),
        where_(std::move(where)),
        go_on_(std::move(go_on)) {}

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    if (peeked_ > 0) {
      const std::size_t count = std::min(size, peeked_);
      std::memcpy(buffer, head_.data(), count);
      std::memmove(head_.data(), head_.data() + count, peeked_ - count);
      peeked_ -= count;
      return count;
    }
    return read_file(buffer, size);
  }

  std::uint64_t consumed() const override { return consumed_; }
  std::uint64_t size() const override { return size_; }

  /// How the data is compressed. Must be called before anything is read.
  Result<Compression> peek_compression() {
    constexpr std::string_view kGzip = "\x1f\x8b";
    while (peeked_ < head_.size()) {
      // Once the first bytes rule out compression no more are waited for: on a terminal or a slow
      // pipe the next ones may take long.
      const std::string_view head(head_.data(), peeked_);
      if (!kGzip.starts_with(head) && !may_be_zstd(head)) break;
      const auto count = read_file(head_.data() + peeked_, head_.size() - peeked_);
      if (!count) return fail(count.error());
      if (*count == 0) break;
      peeked_ += *count;
    }
    const std::string_view head(head_.data(), peeked_);
    if (head.starts_with(kGzip)) return Compression::gzip;
    const bool zstd = head.size() == head_.size() && may_be_zstd(head);
    return zstd ? Compression::zstd : Compression::none;
  }

 private:
  // The magic number of a frame, or one of the sixteen of a skippable frame, with which pzstd
  // begins its files (RFC 8878, section 3.1.2).
  static bool may_be_zstd(std::string_view head) {
    constexpr std::string_view kFrame = "\x28\xb5\x2f\xfd";
    constexpr std::string_view kSkippable = "\x2a\x4d\x18";
    if (kFrame.starts_with(head)) return true;
    return (head.front() & 0xf0) == 0x50 && kSkippable.starts_with(head.substr(1));
  }

  // Waits in poll() with a timeout instead of in read(): a signal that arrives just before read()
  // would not interrupt it, and go_on_ would never be asked.
  bool wait() const {
    constexpr int kPatienceMs = 100;
    pollfd waiting{fd_, POLLIN, 0};
    while (::poll(&waiting, 1, kPatienceMs) <= 0) {
      if (!go_on_()) return false;
    }
    return true;
  }

  Result<std::size_t> read_file(char* buffer, std::size_t size) {
    if (go_on_ && !wait()) return std::size_t{0};
    ssize_t count;
    do {
      count = ::read(fd_, buffer, size);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
      return fail(ErrorCode::unavailable, "cannot be read: " + errno_text(errno), where_);
    }
    consumed_ += static_cast<std::uint64_t>(count);
    return static_cast<std::size_t>(count);
  }

  UniqueFd owned_;
  int fd_;
  std::uint64_t size_;
  std::string where_;
  std::function<bool()> go_on_;
  std::uint64_t consumed_ = 0;
  std::array<char, 4> head_{};
  std::size_t peeked_ = 0;  ///< Bytes in head_ that read() has not given out yet.
};

Result<std::unique_ptr<FileSource>> open_file(const std::string& path,
                                              std::function<bool()> go_on) {
  const std::string where = input_name(path);
  UniqueFd owned;
  int fd = STDIN_FILENO;
  if (path != "-") {
    owned.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    fd = owned.get();
    if (fd < 0) {
      const ErrorCode code = errno == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable;
      return fail(code, "cannot be opened: " + errno_text(errno), where);
    }
  }
  struct stat info {};
  if (::fstat(fd, &info) != 0) {
    return fail(ErrorCode::unavailable, "cannot be read: " + errno_text(errno), where);
  }
  if (S_ISDIR(info.st_mode)) return fail(ErrorCode::invalid_argument, "is a folder", where);
  const bool regular = S_ISREG(info.st_mode);
  if (regular) ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::make_unique<FileSource>(std::move(owned), fd,
                                      regular ? static_cast<std::uint64_t>(info.st_size) : 0, where,
                                      std::move(go_on));
}

}  // namespace

Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path,
                                                     std::function<bool()> go_on) {
  auto file = open_file(path, std::move(go_on));
  if (!file) return fail(std::move(file).error());
  const auto compression = (*file)->peek_compression();
  if (!compression) return fail(compression.error());
  if (*compression == Compression::none) return std::move(*file);
  const auto make = load_module(kCompressionModule);
  if (!make) return fail(make.error());
  return std::unique_ptr<ByteSource>(
      (*make)(*compression, file->release(), input_name(path).c_str()));
}

}  // namespace rz
