// The key `maintenance` of a check, in the words of gatus.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "rz/base/text.h"
#include "rz/base/time_zone.h"
#include "rz/base/timestamp.h"
#include "rz/health/judging/maintenance.h"

namespace rz::health {
namespace {

constexpr Range<Millis> kDurations = {std::chrono::seconds{1}, std::chrono::hours{24 * 366}};
constexpr int kDaysOfWeek = 7;

const std::vector<std::string>& day_names() {
  static const std::vector<std::string> names = {
      "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
      "sun",    "mon",    "tue",     "wed",       "thu",      "fri",    "sat"};
  return names;
}

// `02:30`
std::optional<Millis> parse_time_of_day(std::string_view text) {
  const bool shaped = text.size() == 5 && text[2] == ':' && is_digit(text[0]) &&
                      is_digit(text[1]) && is_digit(text[3]) && is_digit(text[4]);
  if (!shaped) return std::nullopt;
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  return std::chrono::hours{hours} + std::chrono::minutes{minutes};
}

// Whether a timestamp ends with `Z` or an offset.
bool names_zone(std::string_view timestamp) {
  constexpr std::size_t kDate = 10;
  return to_lower(timestamp.back()) == 'z' ||
         timestamp.substr(kDate).find_first_of("+-") != std::string_view::npos;
}

void visit_start(FieldVisitor& fields, MaintenanceWindow& window) {
  std::string start;
  const bool given =
      fields.text({.key = "start",
                   .sentence = "When it begins: a time of the day, if it recurs, or a timestamp.",
                   .example = "\"02:00\"",
                   .needed_by = "a maintenance window",
                   .when_empty = "is empty; write a time like \"02:00\" or 2026-12-01T02:00:00Z"},
                  start);
  if (!given) return;
  if (const auto time = parse_time_of_day(start)) {
    window.start = *time;
    return;
  }
  // A date alone would be midnight in London, which nobody meant.
  const auto timestamp = parse_timestamp(start);
  if (timestamp && start.find(':') != std::string::npos) {
    window.once = *timestamp;
    if (names_zone(start)) return;
    // It would be read as UTC, and open the window at another time than the clock on the wall.
    fields.error("start", "'" + printable(start) +
                              "' has no time zone; end it with Z for UTC, or with an offset: " +
                              printable(start) + "+01:00");
  } else {
    fields.error("start", "'" + printable(start) +
                              "' is not a time; write it like \"02:00\" or 2026-12-01T02:00:00Z");
  }
}

void visit_days(FieldVisitor& fields, MaintenanceWindow& window) {
  std::vector<std::string> names;
  if (!fields.texts({"every", "The days on which it begins; left out: daily.", "[sat, sun]"},
                    names)) {
    return;
  }
  if (names.empty()) fields.error("every", "is empty; name days, or leave it out for a daily one");
  const std::vector<std::string>& known = day_names();
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), to_lower(name));
    if (found == known.end()) {
      fields.error("every", "'" + printable(name) + "' is not a day of the week" +
                                suggestion(to_lower(name), known));
      continue;
    }
    window.days.push_back(static_cast<int>(found - known.begin()) % kDaysOfWeek);
  }
}

// The most days from one beginning to the next.
std::size_t longest_gap(const MaintenanceWindow& window) {
  if (window.days.empty()) return 1;
  std::array<bool, kDaysOfWeek> on{};
  for (const int day : window.days) on.at(static_cast<std::size_t>(day)) = true;
  std::size_t longest = 0;
  for (std::size_t day = 0; day < on.size(); ++day) {
    std::size_t gap = 1;
    while (!on.at((day + gap) % on.size())) ++gap;
    if (on.at(day)) longest = std::max(longest, gap);
  }
  return longest;
}

void judge(FieldVisitor& fields, const MaintenanceWindow& window) {
  if (window.once) {
    for (const char* key : {"every", "timezone"}) {
      if (fields.has(key)) {
        fields.error(key, "belongs to windows that recur, and 'start' is a timestamp; remove it");
      }
    }
    return;
  }
  if (window.duration >= std::chrono::hours{24} * longest_gap(window)) {
    fields.error("duration", "is so long that the window never closes");
  }
  if (window.timezone.empty()) return;  // Which was refused already.
  if (const auto zone = TimeZone::load(window.timezone); !zone) {
    fields.error("timezone", to_string(zone.error()));
  }
}

void visit_window(FieldVisitor& fields, MaintenanceWindow& window) {
  visit_start(fields, window);
  std::optional<Millis> duration;
  const bool lasts = fields.duration({.key = "duration",
                                      .sentence = "How long it lasts.",
                                      .example = "2h",
                                      .needed_by = "a maintenance window"},
                                     duration, kDurations);
  window.duration = duration.value_or(Millis{0});
  visit_days(fields, window);
  fields.text({.key = "timezone",
               .sentence = "The zone of 'start', by its name in the tz database.",
               .example = "Europe/Berlin",
               .when_empty = "is empty; name a zone or remove the key"},
              window.timezone);
  if (lasts) judge(fields, window);
}

}  // namespace

void visit_maintenance(FieldVisitor& fields, std::string_view sentence,
                       std::vector<MaintenanceWindow>& windows) {
  fields.list({"maintenance", sentence}, [&](FieldVisitor& item) {
    MaintenanceWindow window;
    visit_window(item, window);
    windows.push_back(std::move(window));
  });
}

}  // namespace rz::health
