#include "rz/fallback/replay/state_lines.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "rz/base/timestamp.h"
#include "rz/fallback/replay/state_record.h"

namespace rz::fallback {
namespace {

constexpr std::size_t kBuffer = 1 << 20;
// A recorded state is some KiB.
constexpr std::size_t kMaxStateLine = 8 << 20;
// The longest line finds room behind the rest of the lines that are looked at.
constexpr std::size_t kMaxBuffer = 2 * kMaxStateLine;

// The time of a line, which begins with it where rz has written it.
Result<TimePoint> time_of(std::string_view line) {
  constexpr std::string_view kBegin = "{\"at\":\"";
  if (line.starts_with(kBegin)) {
    const std::string_view rest = line.substr(kBegin.size());
    if (const auto time = parse_timestamp(rest.substr(0, rest.find('"')))) return *time;
  }
  const auto record = decode_state_record(line);
  if (!record) return fail(record.error());
  return record->at;
}

}  // namespace

StateLines::StateLines(ByteSource& source, std::string name, std::size_t most)
    : source_(source), name_(std::move(name)), most_(most), buffer_(kBuffer, '\0') {}

std::string_view StateLines::text() const {
  const Line& line = lines_.front();
  return std::string_view(buffer_).substr(line.begin, line.size);
}

tl::unexpected<Error> StateLines::at_line(Error error, std::int64_t number) const {
  error.where = name_ + ":" + std::to_string(number);
  return fail(std::move(error));
}

Result<bool> StateLines::next() {
  if (is_at_line_) lines_.pop_front();
  is_at_line_ = false;
  if (auto looked = look_ahead(); !looked) return fail(std::move(looked).error());
  if (lines_.empty()) return false;
  is_at_line_ = true;
  given_out_ = at();
  return true;
}

Result<void> StateLines::look_ahead() {
  while (lines_.size() < most_) {
    const auto found = find_line();
    if (!found) return fail(found.error());
    if (!*found) return {};
  }
  return {};
}

// Whether there was one, and room for it.
Result<bool> StateLines::find_line() {
  for (;;) {
    const void* const end = std::memchr(buffer_.data() + searched_, '\n', filled_ - searched_);
    if (end != nullptr || (ended_ && begin_ < filled_)) {
      const std::size_t stop =
          end == nullptr ? filled_
                         : static_cast<std::size_t>(static_cast<const char*>(end) - buffer_.data());
      if (auto taken = take_line(stop - begin_); !taken) return fail(std::move(taken).error());
      begin_ = searched_ = std::min(stop + 1, filled_);
      return true;
    }
    if (ended_) return false;
    searched_ = filled_;
    const auto more = read_more();
    if (!more || !*more) return more;
  }
}

Result<void> StateLines::take_line(std::size_t size) {
  ++number_;
  std::string_view text = std::string_view(buffer_).substr(begin_, size);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return {};
  const auto time = time_of(text);
  if (!time) return at_line(time.error(), number_);
  if (given_out_ && *time < *given_out_) {
    return at_line({ErrorCode::parse,
                    "the state is earlier than those that stand long before it; put the lines in "
                    "order by 'LC_ALL=C sort', or name the files of several hosts one by one",
                    ""},
                   number_);
  }
  const Line line{*time, begin_, text.size(), number_};
  if (lines_.empty() || lines_.back().at <= line.at) {
    lines_.push_back(line);
    return {};
  }
  lines_.insert(std::upper_bound(lines_.begin(), lines_.end(), line.at,
                                 [](TimePoint at, const Line& other) { return at < other.at; }),
                line);
  return {};
}

// False: there is no room before lines have been given out. At the end of the source nothing is
// read.
Result<bool> StateLines::read_more() {
  if (filled_ - begin_ >= kMaxStateLine) {
    return at_line({ErrorCode::parse, "the line is too long for a recorded state", ""},
                   number_ + 1);
  }
  if (filled_ == buffer_.size() && !make_room()) return false;
  const auto count = source_.read(buffer_.data() + filled_, buffer_.size() - filled_);
  if (!count) return fail(count.error());
  ended_ = *count == 0;
  filled_ += *count;
  return true;
}

// Lets go of what stands before all lines that are looked at. Moved more often than it is filled by
// half, a buffer is too small.
bool StateLines::make_room() {
  std::size_t kept_from = begin_;
  for (const Line& line : lines_) kept_from = std::min(kept_from, line.begin);
  std::memmove(buffer_.data(), buffer_.data() + kept_from, filled_ - kept_from);
  for (Line& line : lines_) line.begin -= kept_from;
  filled_ -= kept_from;
  begin_ -= kept_from;
  searched_ -= kept_from;
  if (filled_ > buffer_.size() / 2 && buffer_.size() < kMaxBuffer) {
    buffer_.resize(2 * buffer_.size());
  }
  return filled_ < buffer_.size();
}

}  // namespace rz::fallback
