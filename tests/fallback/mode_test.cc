#include "rz/fallback/mode.h"

#include <doctest/doctest.h>

namespace rz::fallback {
namespace {

TEST_CASE("a mode is written in lower case and read in any") {
  CHECK(std::string_view(to_string(Mode::primary)) == "primary");
  CHECK(std::string_view(to_string(Mode::heuristic)) == "heuristic");
  CHECK(std::string_view(to_string(Mode::safe)) == "safe");
  for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
    CHECK(parse_mode(to_string(mode)) == mode);
  }
  CHECK(parse_mode("PRIMARY") == Mode::primary);
  CHECK(parse_mode("Heuristic") == Mode::heuristic);
  CHECK(parse_mode("sAFE") == Mode::safe);
}

TEST_CASE("other words are not modes") {
  for (const char* word : {"", "saf", "safer", " safe", "safe ", "2", "none"}) {
    CAPTURE(word);
    CHECK_FALSE(parse_mode(word));
  }
}

TEST_CASE("a greater mode is more degraded") {
  CHECK(Mode::primary < Mode::heuristic);
  CHECK(Mode::heuristic < Mode::safe);
}

}  // namespace
}  // namespace rz::fallback
