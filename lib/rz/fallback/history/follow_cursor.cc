#include "rz/fallback/history/follow_cursor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "rz/base/text.h"
#include "rz/base/try.h"

namespace rz::fallback {
namespace {

// What a line begins with.
constexpr char kBeginLine = '>';   // Records follow: how many, and where they go.
constexpr char kPlaceLine = '.';   // One of them.
constexpr char kEndLine = '<';     // They are out.
constexpr char kNotOutLine = '!';  // They are not.
constexpr std::string_view kFirstLine = "rz-cursor 1 ";
// A cursor of 50 million records.
constexpr std::uint64_t kMaxCursorBytes = std::uint64_t{1} << 30;

void add_places(std::string& lines, std::span<const TimePoint> places) {
  for (const TimePoint place : places) {
    lines += kPlaceLine;
    lines += std::to_string(place.time_since_epoch().count());
    lines += '\n';
  }
}

std::optional<TimePoint> read_place(std::string_view line) {
  const auto number = parse_int(line.substr(1));
  if (!number) return std::nullopt;
  return TimePoint{Micros{*number}};
}

std::string path_of_descriptor(int fd) {
  char buffer[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(link.c_str(), buffer, sizeof buffer);
  if (size <= 0 || static_cast<std::size_t>(size) == sizeof buffer) return {};
  std::string path(buffer, static_cast<std::size_t>(size));
  return path.find('\n') == std::string::npos ? path : std::string();
}

bool is_that_file(const struct stat& status, dev_t device, ino_t inode) {
  return S_ISREG(status.st_mode) && status.st_dev == device && status.st_ino == inode;
}

}  // namespace

Result<FollowCursor> FollowCursor::open(const std::string& path, const std::string& store,
                                        int out) {
  FollowCursor cursor(path, store, out);
  TRY(cursor.open_file());
  TRY(cursor.read());
  return cursor;
}

Result<void> FollowCursor::open_file() {
  file_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file_) {
    return refuse(errno == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
                  "cannot be opened: " + errno_text(errno));
  }
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return refuse(ErrorCode::invalid_argument, "is not a regular file; name one for the cursor");
  }
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    return refuse(ErrorCode::conflict, "another rz follows with this cursor; give each its own");
  }
  return {};
}

Result<void> FollowCursor::read() {
  TRY_ASSIGN(std::string text, read_file(path_, kMaxCursorBytes));
  if (text.empty()) return append(first_line());
  // A line without an end is one whose writer was killed.
  const std::size_t whole = text.rfind('\n') + 1;
  if (!text.starts_with(kFirstLine)) {
    const bool begun = whole == 0 && kFirstLine.starts_with(text);
    if (!begun) {
      return refuse(ErrorCode::invalid_argument,
                    "is not a cursor of rz and was left as it is; name another file");
    }
  }
  if (whole < text.size() && ::ftruncate(file_.get(), static_cast<off_t>(whole)) != 0) {
    return refuse(ErrorCode::unavailable, "cannot be shortened: " + errno_text(errno));
  }
  text.resize(whole);
  if (text.empty()) return append(first_line());
  return read_lines(text);
}

Result<void> FollowCursor::read_lines(std::string_view text) {
  const std::size_t first = text.find('\n') + 1;
  if (text.substr(0, first) != first_line()) {
    const std::string_view other = trim(text.substr(kFirstLine.size(), first - kFirstLine.size()));
    return refuse(ErrorCode::invalid_argument,
                  "is the cursor of another store, " + printable(other) + "; name another file");
  }
  text.remove_prefix(first);
  std::optional<Target> target;  // Of the records that are begun, and not settled.
  std::vector<TimePoint> begun;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    const char kind = line.empty() ? '\0' : line.front();
    const auto place = kind == kPlaceLine ? read_place(line) : std::nullopt;
    if (place && target) {
      begun.push_back(*place);
    } else if (kind == kBeginLine && (target = read_target(line.substr(1)))) {
      begun.clear();
    } else if (kind == kEndLine && target) {
      note_seen(*target, begun);
      target.reset();
    } else if (kind == kNotOutLine) {
      target.reset();
    } else {
      return refuse(ErrorCode::corrupt,
                    "has the line '" + ellipsize(printable(line), 60) +
                        "', which rz does not write; remove the file to begin anew");
    }
  }
  if (!target) return {};
  return settle(*target, begun);
}

// `COUNT DEVICE INODE SIZE BYTES PATH`. Only a regular file has a device, a size and a path; what
// is not written at all has no bytes.
std::optional<FollowCursor::Target> FollowCursor::read_target(std::string_view line) {
  std::int64_t numbers[5] = {};
  for (std::int64_t& number : numbers) {
    const std::size_t end = line.find(' ');
    if (end == std::string_view::npos) return std::nullopt;
    const auto value = parse_int(line.substr(0, end));
    if (!value) return std::nullopt;
    number = *value;
    line.remove_prefix(end + 1);
  }
  return Target{static_cast<std::size_t>(numbers[0]), static_cast<dev_t>(numbers[1]),
                static_cast<ino_t>(numbers[2]),       static_cast<off_t>(numbers[3]),
                static_cast<std::size_t>(numbers[4]), std::string(line)};
}

void FollowCursor::note_seen(const Target& target, std::span<const TimePoint> places) {
  for (const TimePoint each : places) seen_.add(each);
  has_output_ = has_output_ || target.bytes > 0;
}

// The last records were begun, and nobody noted what became of them.
Result<void> FollowCursor::settle(const Target& target, std::span<const TimePoint> places) {
  // The writer was killed before it had noted all of them, and so before it wrote them out.
  if (places.size() < target.records) return append("!\n");
  if (target.bytes == 0) {
    note_seen(target, places);
    return append("<\n");
  }
  struct stat status {};
  const bool is_out =
      ::fstat(out_, &status) == 0 && is_that_file(status, target.device, target.inode);
  const bool is_there = is_out || (::stat(target.path.c_str(), &status) == 0 &&
                                   is_that_file(status, target.device, target.inode));
  if (!is_there) {
    doubtful_ = places.size();
    return append("!\n");
  }
  const off_t whole = target.size + static_cast<off_t>(target.bytes);
  if (status.st_size >= whole) {
    note_seen(target, places);
    return append("<\n");
  }
  if (status.st_size > target.size) {
    const int cut =
        is_out ? ::ftruncate(out_, target.size) : ::truncate(target.path.c_str(), target.size);
    if (cut != 0) {
      return refuse(ErrorCode::unavailable, "the last record in " + printable(target.path) +
                                                " is not whole, and it cannot be shortened to " +
                                                std::to_string(target.size) +
                                                " bytes: " + errno_text(errno));
    }
  }
  return append("!\n");
}

Result<void> FollowCursor::begin(std::span<const TimePoint> places, std::size_t bytes) {
  struct stat status {};
  Target target{.records = places.size(), .bytes = bytes};
  if (::fstat(out_, &status) == 0 && S_ISREG(status.st_mode)) {
    const int flags = ::fcntl(out_, F_GETFL);
    const bool appends = flags != -1 && (flags & O_APPEND) != 0;
    const off_t at = appends ? status.st_size : ::lseek(out_, 0, SEEK_CUR);
    target = {places.size(), status.st_dev, status.st_ino, at, bytes, path_of_descriptor(out_)};
  }
  return append(lines_of(target, places));
}

std::string FollowCursor::lines_of(const Target& target, std::span<const TimePoint> places) {
  std::string lines(1, kBeginLine);
  for (const std::uint64_t number :
       {static_cast<std::uint64_t>(target.records), static_cast<std::uint64_t>(target.device),
        static_cast<std::uint64_t>(target.inode), static_cast<std::uint64_t>(target.size),
        static_cast<std::uint64_t>(target.bytes)}) {
    lines.append(std::to_string(number)).append(1, ' ');
  }
  lines.append(target.path).append(1, '\n');
  add_places(lines, places);
  return lines;
}

Result<void> FollowCursor::end() { return append("<\n"); }

Result<void> FollowCursor::skip(std::span<const TimePoint> places) {
  return append(lines_of({.records = places.size()}, places) + "<\n");
}

Result<void> FollowCursor::append(std::string_view lines) {
  auto written = write_all(file_.get(), lines);
  if (!written)
    return refuse(written.error().code, "cannot be written: " + written.error().message);
  return {};
}

std::string FollowCursor::first_line() const {
  return std::string(kFirstLine) + printable(store_) + "\n";
}

tl::unexpected<Error> FollowCursor::refuse(ErrorCode code, std::string message) const {
  return fail(code, std::move(message), path_);
}

}  // namespace rz::fallback
