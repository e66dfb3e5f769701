#include "rz/cli/option_values.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "rz/base/time_zone.h"
#include "rz/base/timestamp.h"

namespace rz::cli {
namespace {

/// TZ, while it lives.
class UseZone {
 public:
  explicit UseZone(const char* name) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    ::setenv("TZ", name, 1);
  }
  ~UseZone() {
    if (before_) {
      ::setenv("TZ", before_->c_str(), 1);
    } else {
      ::unsetenv("TZ");
    }
  }
  UseZone(const UseZone&) = delete;
  UseZone& operator=(const UseZone&) = delete;

 private:
  std::optional<std::string> before_;
};

const TimePoint kNow = *parse_timestamp("2026-01-02T03:04:05Z");

}  // namespace

TEST_CASE("a moment is a time or so long ago") {
  CHECK(*parse_moment("--since", "2026-01-01T00:00:00Z", kNow) ==
        *parse_timestamp("2026-01-01T00:00:00Z"));
  CHECK(*parse_moment("--since", "24h", kNow) == *parse_timestamp("2026-01-01T03:04:05Z"));
  for (const char* text : {"eve", "", "24", "mo", "2026-13-01T00:00:00Z"}) {
    const auto wrong = parse_moment("--since", text, kNow);
    REQUIRE(!wrong.has_value());
    CHECK(to_string(wrong.error()) ==
          "--since: '" + std::string(text) +
              "' is not a time (2026-01-02T03:04:05Z), a duration (24h) or a day (today, monday)");
  }
  for (const char* text : {"100000d", "99999999999999999999w"}) {
    CHECK(to_string(parse_moment("--since", text, kNow).error()) ==
          "--since: '" + std::string(text) +
              "' is longer ago than 36500d; give a time, like 2026-01-02T03:04:05Z");
  }
}

TEST_CASE("a day is its beginning, by the clocks of this machine") {
  if (!std::filesystem::exists(TimeZone::database() + "/Europe/Berlin")) {
    MESSAGE("skipped: tzdata is not installed");
    return;
  }
  const UseZone zone("Europe/Berlin");
  // A Friday.
  const auto moment = [](const char* text, const char* now) {
    return format_timestamp(*parse_moment("--since", text, *parse_timestamp(now)));
  };
  const char* const kEvening = "2026-01-02T22:30:00Z";
  CHECK(moment("today", kEvening) == "2026-01-01T23:00:00.000000Z");
  CHECK(moment("Yesterday", kEvening) == "2025-12-31T23:00:00.000000Z");
  CHECK(moment("friday", kEvening) == "2026-01-01T23:00:00.000000Z");
  CHECK(moment("THU", kEvening) == "2025-12-31T23:00:00.000000Z");
  CHECK(moment("saturday", kEvening) == "2025-12-26T23:00:00.000000Z");
  // An hour later it is Saturday there.
  CHECK(moment("saturday", "2026-01-02T23:30:00Z") == "2026-01-02T23:00:00.000000Z");
  // What says no offset is of that zone, as the days are.
  CHECK(moment("2026-01-02", kEvening) == "2026-01-01T23:00:00.000000Z");
  CHECK(moment("2026-07-02T02:00:00", kEvening) == "2026-07-02T00:00:00.000000Z");
  CHECK(moment("2026-07-02T02:00:00Z", kEvening) == "2026-07-02T02:00:00.000000Z");
  CHECK(moment("2026-07-02T02:00:00-01:00", kEvening) == "2026-07-02T03:00:00.000000Z");
  // The clocks were changed in the night.
  CHECK(moment("today", "2026-03-29T12:00:00Z") == "2026-03-28T23:00:00.000000Z");
  CHECK(moment("today", "2026-03-30T12:00:00Z") == "2026-03-29T22:00:00.000000Z");
}

TEST_CASE("a day in a zone that nobody knows is not a day") {
  const UseZone zone("Nowhere/Land");
  CHECK(parse_moment("--since", "today", kNow).error().where == "TZ");
  CHECK(parse_moment("--since", "24h", kNow).has_value());
}

TEST_CASE("a span is a duration above zero") {
  CHECK(*parse_span("--for", "30m") == std::chrono::minutes{30});
  CHECK(to_string(parse_span("--for", "0s").error()) == "--for: must be at least 1ms");
  CHECK(!parse_span("--for", "-5s").has_value());
  CHECK(parse_span("--for", "5").error().where == "--for");
}

}  // namespace rz::cli
