#include "rz/base/json_members.h"

#include <doctest/doctest.h>

#include "rz/base/timestamp.h"

namespace rz {
namespace {

const Value kRecord = Value::object(
    {{"text", "a"}, {"number", 1}, {"real", 1.5}, {"yes", true}, {"time", "2026-01-02T03:04:05Z"}});

TEST_CASE("members of another type count as missing") {
  CHECK(text_or(kRecord, "text") == "a");
  CHECK(text_or(kRecord, "number", "x") == "x");
  CHECK(integer_or(kRecord, "number") == 1);
  CHECK(integer_or(kRecord, "real", 9) == 9);
  CHECK(integer_or(kRecord, "missing", 9) == 9);
  CHECK(boolean_or(kRecord, "yes", false));
  CHECK(boolean_or(kRecord, "number", true));
  CHECK(text_or(Value("no object"), "text", "x") == "x");
}

TEST_CASE("a time that is not one is an error; a time that is missing is not") {
  CHECK(time_or(kRecord, "time") == *parse_timestamp("2026-01-02T03:04:05Z"));
  CHECK(time_or(kRecord, "missing") == TimePoint{});
  CHECK(time_or(kRecord, "number", TimePoint{Micros{7}}) == TimePoint{Micros{7}});
  CHECK_FALSE(time_or(kRecord, "text"));
}

}  // namespace
}  // namespace rz
