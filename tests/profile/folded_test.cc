#include "rz/profile/folded.h"

#include <doctest/doctest.h>

#include "rz/base/file.h"
#include "support/paths.h"

namespace rz::profile {
namespace {

const Measure kSamples{"samples", Unit::count};

std::string folded_error(std::string_view text) {
  const auto read = read_folded(text, kSamples, "x.folded");
  REQUIRE_FALSE(read.has_value());
  return to_string(read.error());
}

}  // namespace

TEST_CASE("what is written as folded stacks is read back") {
  const auto read = read_folded("main;b 3\r\n\nmain;a (x y) 2.0\nmain;b; 1\n", kSamples, "x");
  REQUIRE(read.has_value());
  CHECK(read->total(0) == 6);
  const std::string folded = to_folded(*read, 0);
  CHECK(folded == "main;a (x y) 2\nmain;b 4\n");
  CHECK(to_folded(*read_folded(folded, kSamples, "x"), 0) == folded);
}

TEST_CASE("no name breaks a line of folded stacks") {
  Profile profile({kSamples});
  profile.add({"a;b\nc", " ", "\xff"}, 0, 1);
  CHECK(to_folded(profile, 0) == "a:b\\nc;[no name];\\xff 1\n");
}

TEST_CASE("what is no line of folded stacks is named by its number") {
  CHECK(folded_error("main 1\nmain\n") ==
        "x.folded:2: expected a stack, a blank and its weight, as in: main;parse 12");
  CHECK(folded_error("main x").find("x.folded:1") == 0);
  CHECK(folded_error("main -1").find("x.folded:1") == 0);
  CHECK(folded_error("main 1e300").find("x.folded:1") == 0);
  CHECK(folded_error("main 9e17\nmain 9e17\nb 5\n") ==
        "x.folded:2: the weights are more than 2^60 in all; give them in a larger unit");
  CHECK(folded_error("; 1") == "x.folded:1: the stack has no function");
  CHECK(folded_error("") == "x.folded: holds no stacks; a line is like: main;parse 12");
  CHECK(folded_error("main 0\n") == "x.folded: holds no stacks; a line is like: main;parse 12");
}

TEST_CASE("the stacks of heaptrack are read, and what has no name is called so") {
  const auto text =
      read_file(test::source_dir() + "/tests/profile/samples/heaptrack.folded", 1 << 20);
  REQUIRE(text.has_value());
  const auto read = read_folded(*text, kSamples, "heaptrack");
  REQUIRE(read.has_value());
  CHECK(to_folded(*read, 0) ==
        "[unknown] (rtld.c);_dl_init (dl-init.c);call_init (dl-init.c);call_init "
        "(dl-init.c);[unknown] 1\nmain (spin.c) 200\n");
}

}  // namespace rz::profile
