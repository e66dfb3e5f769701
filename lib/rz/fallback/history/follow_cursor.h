#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/result.h"
#include "rz/fallback/history/history_follower.h"

namespace rz::fallback {

/// A file that says which records a reader of the history has had, so that the next one goes on
/// exactly there, also where the last one was killed at any time.
///
/// Lines are appended, and never changed. Before records are written out, their places are noted,
/// with the file that they go to, its size and how many bytes follow; afterwards, that they are
/// out. If the second note is missing, the size of that file tells whether they are: a part of them
/// is taken back. Where they went to a pipe, nobody can know, and they come once more.
///
/// Only one process has the file at a time. Not thread-safe.
class FollowCursor {
 public:
  /// Opens `path`, or creates it. `store` names the store. `out`: the descriptor that the records
  /// are written to.
  /// Errors: invalid_argument (not such a file, or that of another store), conflict (another
  /// process has it), corrupt, unavailable.
  static Result<FollowCursor> open(const std::string& path, const std::string& store, int out);

  /// The records that the earlier readers have had. To be called once.
  SeenPlaces take_seen() { return std::exchange(seen_, {}); }
  /// Whether no earlier reader has had a record.
  bool is_new() const { return seen_.size() == 0 && !has_output_; }
  /// Whether an earlier reader has written something out.
  bool has_output() const { return has_output_; }
  /// How many records may come a second time, since nobody knows whether they are out.
  std::size_t doubtful() const { return doubtful_; }

  /// Notes that `bytes` bytes with these records follow.
  Result<void> begin(std::span<const TimePoint> places, std::size_t bytes);
  /// Notes that they are out.
  Result<void> end();
  /// Notes records that are not to be written out.
  Result<void> skip(std::span<const TimePoint> places);

 private:
  /// Where records were to be written, behind which they are complete.
  struct Target {
    std::size_t records = 0;
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;  ///< Before them.
    std::size_t bytes = 0;
    std::string path{};
  };

  FollowCursor(std::string path, std::string store, int out)
      : path_(std::move(path)), store_(std::move(store)), out_(out) {}

  Result<void> open_file();
  Result<void> read();
  Result<void> read_lines(std::string_view text);
  static std::optional<Target> read_target(std::string_view line);
  void note_seen(const Target& target, std::span<const TimePoint> places);
  static std::string lines_of(const Target& target, std::span<const TimePoint> places);
  Result<void> settle(const Target& target, std::span<const TimePoint> places);
  Result<void> append(std::string_view lines);
  tl::unexpected<Error> refuse(ErrorCode code, std::string message) const;
  std::string first_line() const;

  std::string path_;
  std::string store_;
  int out_;
  UniqueFd file_;
  SeenPlaces seen_;
  bool has_output_ = false;
  std::size_t doubtful_ = 0;
};

}  // namespace rz::fallback
