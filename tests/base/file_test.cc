#include "rz/base/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <string>
#include <thread>

#include "support/print.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz {
namespace {

constexpr std::uint64_t kMuch = 1 << 20;

std::string content(const std::string& path) { return ok(read_file(path, kMuch)); }

std::size_t files_in(const TempFolder& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ++count;
  }
  return count;
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

struct Pipe {
  Pipe() {
    int fds[2];
    REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
    reader.reset(fds[0]);
    writer.reset(fds[1]);
  }
  UniqueFd reader, writer;
};

/// No file grows beyond `bytes`: a disk that is full. Without a SIGXFSZ, which would end the test.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit small{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST_CASE("a descriptor is closed once, by its last owner") {
  Pipe pipe;
  const int fd = pipe.reader.get();
  UniqueFd moved = std::move(pipe.reader);
  CHECK_FALSE(static_cast<bool>(pipe.reader));
  CHECK(moved.get() == fd);
  moved.reset(fd);  // The same one again: stays open.
  CHECK(is_open(fd));
  moved = std::move(pipe.writer);
  CHECK_FALSE(is_open(fd));
  const int released = moved.release();
  moved.reset();
  CHECK(is_open(released));
  UniqueFd(released).reset();
  CHECK_FALSE(is_open(released));
}

TEST_CASE("an errno has its text") { CHECK(errno_text(ENOENT) == "No such file or directory"); }

TEST_CASE("what is written is read back, byte for byte") {
  const TempFolder folder;
  std::string bytes;
  for (int i = 0; i < 200'000; ++i) bytes += static_cast<char>(i * 7);
  for (const std::string& text : {std::string(), std::string("a\0\xff\n", 4), bytes}) {
    CHECK(message_of(write_file(folder / "f", text)).empty());
    CHECK(content(folder / "f") == text);
  }
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a file is read up to the limit and not beyond") {
  const TempFolder folder;
  REQUIRE(write_file(folder / "f", "12345"));
  CHECK(ok(read_file(folder / "f", 5)) == "12345");
  CHECK(error_of(read_file(folder / "f", 4)) ==
        Error{ErrorCode::invalid_argument, "is larger than 4 B", folder / "f"});
  CHECK(code_of(read_file("/dev/zero", 1'000)) == ErrorCode::invalid_argument);
  CHECK(ok(read_file("/dev/null", 0)).empty());
}

TEST_CASE("what cannot be read is told with its path and the reason") {
  const TempFolder folder;
  CHECK(error_of(read_file(folder / "none", kMuch)) ==
        Error{ErrorCode::not_found, "cannot read: No such file or directory", folder / "none"});
  CHECK(error_of(read_file(folder.path(), kMuch)) ==
        Error{ErrorCode::unavailable, "cannot read: Is a directory", folder.path()});
  REQUIRE(write_file(folder / "f", "x"));
  CHECK(error_of(read_file(folder / "f/g", kMuch)) ==
        Error{ErrorCode::unavailable, "cannot read: Not a directory", folder / "f/g"});
}

TEST_CASE("a FIFO is read to its end, however the writer cuts it up") {
  const TempFolder folder;
  const std::string path = folder / "fifo";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::thread writer([&path] {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY));
    for (const char* piece : {"one ", "two ", "three"})
      (void)write_all(fd.get(), piece).has_value();
  });
  const auto read = read_file(path, kMuch);
  writer.join();
  CHECK(ok(read) == "one two three");
}

TEST_CASE("a pipe that does not block is read and written whole all the same") {
  Pipe pipe;
  REQUIRE(::fcntl(pipe.reader.get(), F_SETFL, O_NONBLOCK) == 0);
  REQUIRE(::fcntl(pipe.writer.get(), F_SETFL, O_NONBLOCK) == 0);
  const std::string bytes(kMuch, 'x');  // More than a pipe holds.
  Result<void> written;
  std::thread writer([&] {
    written = write_all(pipe.writer.get(), bytes);
    pipe.writer.reset();
  });
  const auto read = read_file("/dev/fd/" + std::to_string(pipe.reader.get()), 2 * kMuch);
  writer.join();
  CHECK(message_of(written).empty());
  CHECK(ok(read) == bytes);
}

TEST_CASE("a write that fails keeps errno for the caller") {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  errno = 0;
  const auto written = write_all(full.get(), "x");
  CHECK(errno == ENOSPC);
  CHECK(error_of(written) == Error{ErrorCode::unavailable, "No space left on device", ""});
  CHECK(write_all(full.get(), "").has_value());
  CHECK(code_of(write_all(-1, "x")) == ErrorCode::unavailable);
}

TEST_CASE("a full disk leaves the file that was there, and nothing beside it") {
  const TempFolder folder;
  REQUIRE(write_file(folder / "f", "before"));
  {
    const SmallDisk disk(1'000);
    CHECK(error_of(write_file(folder / "f", std::string(5'000, 'x'))) ==
          Error{ErrorCode::unavailable, "cannot write: File too large", folder / "f"});
    CHECK(code_of(write_file(folder / "new", std::string(5'000, 'x'))) == ErrorCode::unavailable);
  }
  CHECK(content(folder / "f") == "before");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("what is not a regular file is written in place") {
  CHECK(message_of(write_file("/dev/full", "x")) ==
        "/dev/full: cannot write: No space left on device");
  CHECK(message_of(write_file("/dev/null", "x")).empty());
  struct stat status {};
  REQUIRE(::stat("/dev/null", &status) == 0);
  CHECK(S_ISCHR(status.st_mode));

  const Pipe pipe;
  CHECK(write_file("/dev/fd/" + std::to_string(pipe.writer.get()), "piped").has_value());
  char bytes[8];
  CHECK(::read(pipe.reader.get(), bytes, sizeof bytes) == 5);
}

TEST_CASE("a file that cannot be written is told with its path, and nothing is left") {
  const TempFolder folder;
  CHECK(error_of(write_file(folder / "none/f", "x")) ==
        Error{ErrorCode::not_found, "cannot write: No such file or directory", folder / "none/f"});
  CHECK(error_of(write_file(folder.path(), "x")) ==
        Error{ErrorCode::unavailable, "cannot write: Is a directory", folder.path()});
  REQUIRE(write_file(folder / "f", "x"));
  CHECK(error_of(write_file(folder / "f/g", "x")) ==
        Error{ErrorCode::unavailable, "cannot write: Not a directory", folder / "f/g"});
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a folder without the right to write keeps its file" *
          doctest::skip(::geteuid() == 0)) {  // Nothing is forbidden to root.
  const TempFolder folder;
  REQUIRE(write_file(folder / "f", "before"));
  REQUIRE(::chmod(folder.path().c_str(), 0500) == 0);
  CHECK(error_of(write_file(folder / "f", "after")) ==
        Error{ErrorCode::unavailable, "cannot write: Permission denied", folder / "f"});
  REQUIRE(::chmod(folder.path().c_str(), 0700) == 0);
  CHECK(content(folder / "f") == "before");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("writing a file never changes the umask, which other threads share") {
  const TempFolder folder;
  const mode_t before = ::umask(027);
  std::atomic<bool> done{false};
  int wrong = 0;
  std::thread other([&] {
    for (int i = 0; !done; ++i) {
      const std::string path = folder / ("other" + std::to_string(i % 4));
      ::unlink(path.c_str());
      const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      struct stat status {};
      if (::fstat(fd.get(), &status) != 0 || (status.st_mode & 0777) != 0640) ++wrong;
    }
  });
  for (int i = 0; i < 200; ++i) {
    ::unlink((folder / "f").c_str());
    CHECK(write_file(folder / "f", "x").has_value());
  }
  done = true;
  other.join();
  ::umask(before);
  CHECK(wrong == 0);
}

TEST_CASE("a new file gets the mode less the umask, an old one keeps its own") {
  const TempFolder folder;
  const mode_t before = ::umask(027);
  CHECK(write_file(folder / "new", "x").has_value());
  CHECK(write_file(folder / "secret", "x", 0600).has_value());
  REQUIRE(::chmod((folder / "new").c_str(), 0604) == 0);
  CHECK(write_file(folder / "other", "x").has_value());
  CHECK(write_file(folder / "new", "y").has_value());
  CHECK(::umask(before) == 027);
  CHECK(mode_of(folder / "other") == 0640);
  CHECK(mode_of(folder / "secret") == 0600);
  CHECK(mode_of(folder / "new") == 0604);
}

TEST_CASE("a link stays a link; the file that it names is replaced") {
  const TempFolder folder;
  REQUIRE(write_file(folder / "real", "before"));
  std::filesystem::create_symlink("real", folder / "link");
  CHECK(write_file(folder / "link", "after").has_value());
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(content(folder / "real") == "after");
}

TEST_CASE("a file that is written piece by piece is replaced at the end, or not at all") {
  const TempFolder folder;
  const std::string path = folder / "f";
  REQUIRE(write_file(path, "before"));
  {
    auto file = FileReplacement::begin(path);
    REQUIRE(file.has_value());
    REQUIRE(file->append("ne"));
    CHECK(content(path) == "before");
  }
  CHECK(content(path) == "before");
  auto file = FileReplacement::begin(path);
  REQUIRE(file.has_value());
  REQUIRE(file->append("ne"));
  REQUIRE(file->append("w"));
  REQUIRE(file->finish());
  CHECK(content(path) == "new");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("whoever has the old file open keeps it whole") {
  const TempFolder folder;
  REQUIRE(write_file(folder / "f", "before"));
  const UniqueFd reader(::open((folder / "f").c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(write_file(folder / "f", "after, and longer"));
  char bytes[64];
  const ssize_t count = ::read(reader.get(), bytes, sizeof bytes);
  CHECK(std::string(bytes, count > 0 ? static_cast<std::size_t>(count) : 0) == "before");
}

TEST_CASE("folders are made with what is missing above them") {
  const TempFolder folder;
  const mode_t before = ::umask(022);
  CHECK(make_folders(folder / "a/b//c/", 0750).has_value());
  ::umask(before);
  CHECK(mode_of(folder / "a") == 0750);
  CHECK(mode_of(folder / "a/b/c") == 0750);
  CHECK(make_folders(folder / "a/b", 0700).has_value());
  CHECK(mode_of(folder / "a/b") == 0750);
  CHECK(make_folders("/").has_value());
}

TEST_CASE("a folder that cannot be is told with the part at fault") {
  const TempFolder folder;
  REQUIRE(write_file(folder / "f", "x"));
  CHECK(error_of(make_folders(folder / "f")) ==
        Error{ErrorCode::unavailable, "cannot make the folder: Not a directory", folder / "f"});
  CHECK(error_of(make_folders(folder / "f/a/b")) ==
        Error{ErrorCode::unavailable, "cannot make the folder: Not a directory", folder / "f/a"});
  CHECK(code_of(make_folders("")) == ErrorCode::not_found);
}

}  // namespace
}  // namespace rz
