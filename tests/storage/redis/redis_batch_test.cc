#include "rz/storage/redis/redis_batch.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace rz::storage {
namespace {

/// Keys and arguments as the script gets them, in one line.
std::string shown(const Batch& batch, std::string_view prefix = "") {
  const RedisBatch request(batch, prefix);
  std::string text;
  for (const std::string& key : request.keys()) text += key + " ";
  text += "|";
  for (const std::string_view argument : request.arguments()) text += " " + std::string(argument);
  return text;
}

TEST_CASE("the parts of a batch, in the order that the script expects") {
  CHECK(shown({}) == "| 0 0 0 0");
  CHECK(shown(Batch().expect("e", "1").expect_absent("f")) == "e f | 2 0 0 0 = 1 ! ");
  CHECK(shown(Batch().set("b", "2").set("a", "1", Millis{50}).remove("c")) ==
        "c a b | 0 1 2 0 1 50 2   ");
  CHECK(shown(Batch().append("log", TimePoint{Micros{1'500'000}}, "v")) ==
        "log:1.500000 rz:log:log | 0 0 0 1 v  1500000 1.500000 1 log:");
}

TEST_CASE("the records of each log stand together, before the number of them") {
  const TimePoint one{Micros{1'000'000}};
  const TimePoint two{Micros{2'000'000}};
  CHECK(shown(Batch()
                  .append("b", two, "x")
                  .append("a", one, "y")
                  .append("b", one, "z")
                  .set("b0", "s", Millis{4})) ==
        "b0 a:1.000000 b:1.000000 b:2.000000 rz:log:a rz:log:b | 0 0 1 3 s 4 y  1000000 1.000000 "
        "z  1000000 1.000000 x  2000000 2.000000 1 a: 2 b:");
  // One name is the beginning of the other.
  CHECK(shown(Batch().append("a", two, "x").append("a:b", one, "y").append("a", one, "z")) ==
        "a:1.000000 a:2.000000 a:b:1.000000 rz:log:a rz:log:a:b | 0 0 0 3 z  1000000 1.000000 x  "
        "2000000 2.000000 y  1000000 1.000000 2 a: 1 a:b:");
}

TEST_CASE("the prefix stands before every key") {
  CHECK(shown(Batch().expect("e", "1").remove("r").append("log", TimePoint{Micros{-1}}, "v",
                                                          Millis{9}),
              "p:") ==
        "p:e p:r p:log:-0.000001 p:rz:log:log | 1 1 0 1 = 1 v 9 -1 -0.000001 1 p:log:  ");
}

TEST_CASE("of several writes to a key the last is left") {
  CHECK(shown(Batch().set("a", "1", Millis{5}).set("a", "2")) == "a | 0 0 1 0 2 ");
  CHECK(shown(Batch().set("a", "1").remove("a")) == "a | 0 1 0 0  ");
  CHECK(shown(Batch().remove("a").set("a", "1")) == "a | 0 0 1 0 1 ");
}

TEST_CASE("a removed key that is a log's record takes its entry with it") {
  CHECK(shown(Batch().remove("l:1.500000"), "p:") == "p:l:1.500000 | 0 1 0 0 p:rz:log:l 1.500000");
  CHECK(shown(Batch().remove("a:b:-2.000000")) == "a:b:-2.000000 | 0 1 0 0 rz:log:a:b -2.000000");
  for (const char* other : {"l:1.5", "l:x", "l", "l:", "1.500000", "l:01.500000"}) {
    CHECK(shown(Batch().remove(other)) == std::string(other) + " | 0 1 0 0  ");
  }
}

TEST_CASE("a record that the batch removes again has no entry, but must have been absent") {
  const TimePoint time{Micros{0}};
  CHECK(shown(Batch().append("l", time, "v").remove("l:0.000000")) ==
        "l:0.000000 l:0.000000 | 1 1 0 0 +  rz:log:l 0.000000");
  CHECK(shown(Batch().append("l", time, "v").set("l:0.000000", "w")) ==
        "l:0.000000 rz:log:l | 0 0 0 1 w  0 0.000000 1 l:");
}

}  // namespace
}  // namespace rz::storage
