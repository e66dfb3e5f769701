#include "rz/history/calendar.h"

#include <doctest/doctest.h>

#include "history/history_support.h"
#include "support/results.h"

namespace rz::history {
namespace {

std::vector<std::string> labels(const char* since, const char* until, CalendarUnit unit,
                                const char* zone_name) {
  const TimeZone zone = ok(TimeZone::load(zone_name));
  const auto bounds = ok(calendar_bounds({at(since), at(until)}, unit, zone));
  std::vector<std::string> labels;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    labels.push_back(calendar_label(bounds[i], unit, zone) + " " +
                     std::to_string((bounds[i + 1] - bounds[i]) / std::chrono::minutes{1}));
  }
  return labels;
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("days are those of the zone, with 23 and 25 hours where the clocks change") {
  CHECK(labels("2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z", CalendarUnit::day,
               "Europe/Berlin") == Labels{"2026-03-28 1440", "2026-03-29 1380", "2026-03-30 1440"});
  CHECK(labels("2026-10-24T22:00:00Z", "2026-10-26T23:00:00Z", CalendarUnit::day,
               "Europe/Berlin") == Labels{"2026-10-25 1500", "2026-10-26 1440"});
}

TEST_CASE("the ends of the window cut the first and the last period") {
  CHECK(labels("2026-03-02T20:00:00Z", "2026-03-03T06:30:00Z", CalendarUnit::day, "UTC") ==
        Labels{"2026-03-02 240", "2026-03-03 390"});
}

TEST_CASE("of an hour that comes twice, the offset tells which it is") {
  CHECK(labels("2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z", CalendarUnit::hour,
               "Europe/Berlin") == Labels{"2026-10-25T02:00+02:00 60", "2026-10-25T02:00+01:00 60",
                                          "2026-10-25T03:00+01:00 60"});
}

TEST_CASE("a change by half an hour makes a short hour, and none is lost") {
  // Lord Howe: from +10:30 to +11:00 at 02:00, which is 15:30 in UTC.
  CHECK(labels("2026-10-03T14:30:00Z", "2026-10-03T17:00:00Z", CalendarUnit::hour,
               "Australia/Lord_Howe") == Labels{"2026-10-04T01:00+10:30 60",
                                                "2026-10-04T02:00+11:00 30",
                                                "2026-10-04T03:00+11:00 60"});
}

TEST_CASE("weeks begin on Monday, and are of the year that has their Thursday") {
  CHECK(labels("2025-12-28T00:00:00Z", "2026-01-06T00:00:00Z", CalendarUnit::week, "UTC") ==
        Labels{"2025-W52 1440", "2026-W01 10080", "2026-W02 1440"});
}

TEST_CASE("a day that a zone never had is passed over") {
  // Samoa went from 29 to 31 December 2011.
  CHECK(labels("2011-12-29T10:00:00Z", "2012-01-01T10:00:00Z", CalendarUnit::day, "Pacific/Apia") ==
        Labels{"2011-12-29 1440", "2011-12-31 1440", "2012-01-01 1440"});
}

TEST_CASE("too many periods are refused") {
  const auto bounds = calendar_bounds({at("0001-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z")},
                                      CalendarUnit::day, TimeZone{});
  CHECK(code_of(bounds) == ErrorCode::invalid_argument);
}

TEST_CASE("units are read by their names") {
  CHECK(parse_calendar_unit("week") == CalendarUnit::week);
  CHECK(!parse_calendar_unit("month"));
  CHECK(to_string(CalendarUnit::hour) == std::string("hour"));
}

}  // namespace rz::history
