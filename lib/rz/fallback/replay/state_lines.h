#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "rz/base/byte_source.h"
#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz::fallback {

/// The lines of recorded states of one source in the order of their times, as far as they are not
/// too far out of it. Not thread-safe.
class StateLines {
 public:
  /// `source` must outlive it. `most`: of so many lines the earliest is given out first.
  StateLines(ByteSource& source, std::string name, std::size_t most);

  /// Goes on to the next line; to be called before the first, too. Whether there is one.
  /// Errors: those of the source; parse for a line without a time, one that is too long, and one
  /// that is earlier than a line that was given out before it.
  Result<bool> next();

  TimePoint at() const { return lines_.front().at; }
  /// Valid until the next call of next().
  std::string_view text() const;

  /// `error` of the line, with its place.
  tl::unexpected<Error> at_line(Error error) const { return at_line(std::move(error), number()); }

 private:
  /// A line in the buffer.
  struct Line {
    TimePoint at{};
    std::size_t begin = 0;
    std::size_t size = 0;
    std::int64_t number = 0;
  };

  std::int64_t number() const { return lines_.front().number; }
  tl::unexpected<Error> at_line(Error error, std::int64_t number) const;
  Result<void> look_ahead();
  Result<bool> find_line();
  Result<void> take_line(std::size_t size);
  Result<bool> read_more();
  bool make_room();

  ByteSource& source_;
  const std::string name_;
  const std::size_t most_;
  std::string buffer_;
  std::size_t filled_ = 0;
  std::size_t begin_ = 0;     ///< Of what was not divided into lines yet.
  std::size_t searched_ = 0;  ///< Up to here no line ends behind `begin_`.
  bool ended_ = false;
  std::int64_t number_ = 0;   ///< Of the last line that was found.
  std::deque<Line> lines_{};  ///< By time; those of one time as they stand.
  bool is_at_line_ = false;   ///< Whether the first of them was given out.
  std::optional<TimePoint> given_out_{};
};

}  // namespace rz::fallback
