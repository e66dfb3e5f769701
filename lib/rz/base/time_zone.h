#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/posix_zone.h"
#include "rz/base/result.h"

namespace rz {

/// A zone of the tz database of this machine. A value; safe to share among threads.
///
/// The files of the database (RFC 8536) are read here, since the C library knows one zone a process
/// only, and the C++ library of this compiler none.
class TimeZone {
 public:
  /// The zone `name`, as `Europe/Berlin`. `UTC` needs no database.
  /// Errors: invalid_argument (no such zone), not_found (no database), corrupt.
  static Result<TimeZone> load(std::string_view name, const std::string& folder = database());

  /// The zone of this machine: what TZ says (a name, a file, or a rule as `CET-1CEST,…`), else
  /// /etc/localtime, else UTC.
  /// Errors: invalid_argument for a TZ that is none of these; those of load() and of the file.
  static Result<TimeZone> local();

  /// The content of a file of the database. Errors: corrupt.
  static Result<TimeZone> parse(std::string_view file);

  /// Where the database is: $TZDIR, or where every Linux has it.
  static std::string database();

  /// How far the clocks are ahead of UTC at `time`.
  std::chrono::seconds offset_at(std::chrono::sys_seconds time) const;

  std::chrono::local_time<Micros> to_local(TimePoint time) const;

  /// When the clocks show `local`: where they do so twice, the first time; where they skip it, the
  /// time as if they had not been changed yet (RFC 5545).
  TimePoint to_utc(std::chrono::local_time<Micros> local) const;

 private:
  struct Transition {
    std::chrono::sys_seconds time;
    std::chrono::seconds offset;  ///< From then on.
  };

  std::chrono::seconds first_{0};  ///< Before all transitions.
  std::vector<Transition> transitions_;
  std::optional<PosixZone> later_;  ///< From the last transition on.
};

}  // namespace rz
