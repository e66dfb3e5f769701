#include "rz/profile/perf_script.h"

#include <doctest/doctest.h>

#include "rz/base/file.h"
#include "rz/profile/folded.h"
#include "support/paths.h"

namespace rz::profile {
namespace {

std::string folded_of(std::string_view text) {
  Profile profile({{"cpu", Unit::nanoseconds}});
  const auto added = add_perf_script(text, 10, profile);
  return added ? to_folded(profile, 0) : to_string(added.error());
}

}  // namespace

TEST_CASE("the stacks of perf script are read, whatever is in their names") {
  CHECK(folded_of("\t 11bf operator()(int) (.part.0) (/tmp/a (x))\n"
                  "\t2724a __libc_start_main@@GLIBC_2.34 (/usr/lib/libc.so.6)\n\n\n"
                  "  ffff [unknown] (/usr/lib/libz.so.1)\n\n"
                  "  ffff [unknown] ([unknown])\n") ==
        "[libz.so.1] 10\n[unknown] 10\n"
        "__libc_start_main;operator()(int) (.part.0) 10\n");
  CHECK(folded_of("") == "");
}

TEST_CASE("a sample of perf script is read whole") {
  const auto text =
      read_file(test::source_dir() + "/tests/profile/samples/perf_script.txt", 1 << 20);
  REQUIRE(text.has_value());
  CHECK(folded_of(*text).find("__libc_start_call_main;main;hot ") != std::string::npos);
}

TEST_CASE("what perf script does not print is named by its line") {
  const std::string expected =
      "perf script:2: expected an address, a function and a file in parentheses";
  CHECK(folded_of("\n11bf\n") == expected);
  CHECK(folded_of("\nmain (/tmp/a)\n") == expected);
  CHECK(folded_of("\n11bf main\n") == expected);
  CHECK(folded_of("\n11bf )\n") == expected);
}

}  // namespace rz::profile
