#include "rz/base/time_zone.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/timestamp.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

bool has_database() {
  const bool there = std::filesystem::exists(TimeZone::database() + "/Europe/Berlin");
  if (!there) MESSAGE("skipped: tzdata is not installed");
  return there;
}

/// What the C library says, by which rz is judged.
class CLibraryZone {
 public:
  explicit CLibraryZone(const std::string& name) { set(name.c_str()); }
  ~CLibraryZone() { set(nullptr); }
  CLibraryZone(const CLibraryZone&) = delete;
  CLibraryZone& operator=(const CLibraryZone&) = delete;

  static seconds offset_at(sys_seconds time) {
    const std::time_t at = time.time_since_epoch().count();
    std::tm local{};
    if (::localtime_r(&at, &local) == nullptr) return seconds::max();
    return seconds{local.tm_gmtoff};
  }

 private:
  static void set(const char* name) {
    if (name != nullptr) {
      ::setenv("TZ", name, 1);
    } else {
      ::unsetenv("TZ");
    }
    ::tzset();
  }
};

TimePoint at(const char* text) { return ok(parse_timestamp(text)); }

}  // namespace

TEST_CASE("offsets are those of the C library, also long before and after now") {
  if (!has_database()) return;
  for (const std::string name :
       {"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
        "America/Sao_Paulo", "Africa/Casablanca", "Europe/Dublin", "Pacific/Apia",
        "Antarctica/Troll", "Etc/GMT+5"}) {
    CAPTURE(name);
    const TimeZone zone = ok(TimeZone::load(name));
    const CLibraryZone library(name);
    const sys_seconds end = sys_days{std::chrono::year{2150} / 1 / 1};
    std::size_t wrong = 0;
    for (sys_seconds time = sys_days{std::chrono::year{1900} / 1 / 1}; time < end;
         time += hours{61} + minutes{7}) {
      wrong += zone.offset_at(time) != CLibraryZone::offset_at(time);
    }
    CHECK(wrong == 0);
    // The minutes around a change.
    for (const int year : {1985, 2026, 2090}) {
      for (sys_seconds time = sys_days{std::chrono::year{year} / 3 / 1};
           time < sys_days{std::chrono::year{year} / 4 / 10}; time += minutes{10}) {
        wrong += zone.offset_at(time) != CLibraryZone::offset_at(time);
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("a rule of POSIX is read in each of its forms") {
  for (const std::string rule :
       {"CET-1CEST,M3.5.0,M10.5.0/3", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "AEST-10AEDT,J60,J300/3", "EST5EDT,59/2:30,299", "IST-5:30",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"}) {
    CAPTURE(rule);
    const auto zone = PosixZone::parse(rule);
    REQUIRE(zone.has_value());
    const CLibraryZone library(rule);
    std::size_t wrong = 0;
    for (sys_seconds time = sys_days{std::chrono::year{2023} / 1 / 3};
         time < sys_days{std::chrono::year{2028} / 12 / 28}; time += minutes{47}) {
      wrong += zone->offset_at(time) != CLibraryZone::offset_at(time);
    }
    CHECK(wrong == 0);
  }
  // Summer all year long (RFC 8536); the C library is wrong in the first hours of a year.
  const auto always = PosixZone::parse("XXX3EDT4,0/0,J365/23");
  REQUIRE(always.has_value());
  std::size_t wrong = 0;
  for (sys_seconds time = sys_days{std::chrono::year{2023} / 12 / 30};
       time < sys_days{std::chrono::year{2025} / 1 / 3}; time += minutes{10}) {
    wrong += always->offset_at(time) != -hours{4};
  }
  CHECK(wrong == 0);
  for (const char* text :
       {"", "CE", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M1.1.0",
        "CET-1CEST,M3.0.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x",
        "<+03-3", "CET-25", "CET-1CEST,J0,J1"}) {
    CAPTURE(text);
    CHECK(!PosixZone::parse(text).has_value());
  }
}

TEST_CASE("a time that the clocks skip is later, and one that they show twice is the first") {
  if (!has_database()) return;
  const TimeZone berlin = ok(TimeZone::load("Europe/Berlin"));
  const local_days spring{std::chrono::year{2026} / 3 / 29};
  CHECK(berlin.to_utc(spring + Micros{hours{1}}) == at("2026-03-29T00:00:00Z"));
  CHECK(berlin.to_utc(spring + Micros{minutes{150}}) == at("2026-03-29T01:30:00Z"));
  CHECK(berlin.to_utc(spring + Micros{hours{3}}) == at("2026-03-29T01:00:00Z"));
  const local_days autumn{std::chrono::year{2026} / 10 / 25};
  CHECK(berlin.to_utc(autumn + Micros{minutes{150}}) == at("2026-10-25T00:30:00Z"));
  CHECK(berlin.to_utc(autumn + Micros{hours{4}}) == at("2026-10-25T03:00:00Z"));
  const local_days summer{std::chrono::year{2026} / 7 / 1};
  CHECK(berlin.to_local(berlin.to_utc(summer + Micros{1})) == summer + Micros{1});
}

TEST_CASE("UTC needs no database, and what is not in it is said") {
  const TempFolder folder;
  CHECK(ok(TimeZone::load("UTC", folder / "absent")).offset_at(sys_seconds{}) == seconds{0});
  CHECK(to_string(TimeZone::load("Europe/Berlin", folder / "absent").error()) ==
        "'Europe/Berlin' cannot be looked up: there is no tz database at " + (folder / "absent") +
            "; install the package tzdata, or use UTC");
  for (const char* name : {"", "Europe/Berlyn", "../passwd", "/etc/passwd", "Europe", "a b"}) {
    CAPTURE(name);
    const auto zone = TimeZone::load(name, folder.path());
    REQUIRE(!zone.has_value());
    CHECK(zone.error().code == ErrorCode::invalid_argument);
  }
}

TEST_CASE("the zone of this machine is what TZ says") {
  const char* const before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  if (!has_database()) return;
  const sys_seconds summer = std::chrono::floor<seconds>(at("2026-07-01T00:00:00Z"));
  const std::pair<std::string, int> rows[] = {{"Europe/Berlin", 2},
                                              {":Europe/Berlin", 2},
                                              {TimeZone::database() + "/Europe/Berlin", 2},
                                              {"CET-1CEST,M3.5.0,M10.5.0/3", 2},
                                              {"XXX5", -5},
                                              {"UTC", 0},
                                              {"", 0}};
  for (const auto& row : rows) {
    CAPTURE(row.first);
    ::setenv("TZ", row.first.c_str(), 1);
    CHECK(ok(TimeZone::local()).offset_at(summer) == hours{row.second});
  }
  for (const char* name : {"Nowhere/Land", "/nowhere", "!"}) {
    ::setenv("TZ", name, 1);
    CHECK_FALSE(TimeZone::local().has_value());
  }
  ::unsetenv("TZ");
  CHECK(TimeZone::local().has_value());
  if (before != nullptr) ::setenv("TZ", kept.c_str(), 1);
}

TEST_CASE("a file that was cut off anywhere, or is another one, is corrupt") {
  if (!has_database()) return;
  const std::string file = ok(read_file(TimeZone::database() + "/Europe/Berlin", 1 << 20));
  REQUIRE(TimeZone::parse(file).has_value());
  std::size_t taken = 0;
  for (std::size_t size = 0; size + 1 < file.size(); ++size) {
    taken += TimeZone::parse(std::string_view(file).substr(0, size)).has_value();
  }
  CHECK(taken == 0);
  std::string old = file;
  old[4] = '\0';
  CHECK(!TimeZone::parse(old).has_value());
  // Each byte broken in turn: none of them makes it read beyond the file.
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string broken = file;
    broken[i] = static_cast<char>(broken[i] ^ 0xff);
    const auto zone = TimeZone::parse(broken);
    if (zone) (void)zone->offset_at(sys_seconds{seconds{1'800'000'000}});
  }
}

}  // namespace rz
