#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace rz {

/// When the clocks of a zone change each year, as POSIX writes it in the variable TZ and every file
/// of the tz database in its last line: `CET-1CEST,M3.5.0,M10.5.0/3`.
class PosixZone {
 public:
  /// Nothing if `text` is not of that form.
  static std::optional<PosixZone> parse(std::string_view text);

  /// How far the clocks are ahead of UTC at `time`.
  std::chrono::seconds offset_at(std::chrono::sys_seconds time) const;

 private:
  /// A day of the year, and a time of that day by the clock.
  struct Change {
    enum class Form { day_without_leap, day, weekday_of_month };  ///< `J60`, `59`, `M3.5.0`.
    Form form = Form::day;
    int day = 0;
    int month = 0, week = 0;
    std::chrono::seconds time{std::chrono::hours{2}};

    std::chrono::local_seconds in(std::chrono::year year) const;
  };
  class Reader;

  std::chrono::seconds standard_{0};
  std::chrono::seconds summer_{0};
  std::optional<Change> to_summer_, to_standard_;  ///< Both, or none.
};

}  // namespace rz
