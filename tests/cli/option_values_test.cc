#include "rz/cli/option_values.h"

#include <doctest/doctest.h>

#include <string>

#include "rz/base/timestamp.h"

namespace rz::cli {
namespace {

const TimePoint kNow = *parse_timestamp("2026-01-02T03:04:05Z");

}  // namespace

TEST_CASE("a moment is a time or so long ago") {
  CHECK(*parse_moment("--since", "2026-01-01T00:00:00Z", kNow) ==
        *parse_timestamp("2026-01-01T00:00:00Z"));
  CHECK(*parse_moment("--since", "24h", kNow) == *parse_timestamp("2026-01-01T03:04:05Z"));
  for (const char* text : {"yesterday", "", "24", "2026-13-01T00:00:00Z"}) {
    const auto wrong = parse_moment("--since", text, kNow);
    REQUIRE(!wrong.has_value());
    CHECK(to_string(wrong.error()) ==
          "--since: '" + std::string(text) +
              "' is neither a time (2026-01-02T03:04:05Z) nor a duration (24h)");
  }
  for (const char* text : {"100000d", "99999999999999999999w"}) {
    CHECK(to_string(parse_moment("--since", text, kNow).error()) ==
          "--since: '" + std::string(text) +
              "' is longer ago than 36500d; give a time, like 2026-01-02T03:04:05Z");
  }
}

TEST_CASE("a span is a duration above zero") {
  CHECK(*parse_span("--for", "30m") == std::chrono::minutes{30});
  CHECK(to_string(parse_span("--for", "0s").error()) == "--for: must be at least 1ms");
  CHECK(!parse_span("--for", "-5s").has_value());
  CHECK(parse_span("--for", "5").error().where == "--for");
}

}  // namespace rz::cli
