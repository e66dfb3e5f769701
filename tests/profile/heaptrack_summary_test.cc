#include "rz/profile/heaptrack_summary.h"

#include <doctest/doctest.h>

#include "rz/base/file.h"
#include "support/paths.h"

namespace rz::profile {

TEST_CASE("the summary of heaptrack is read") {
  const auto text =
      read_file(test::source_dir() + "/tests/profile/samples/heaptrack_print.txt", 1 << 20);
  REQUIRE(text.has_value());
  const auto summary = read_heaptrack_summary(*text);
  REQUIRE(summary.has_value());
  CHECK(summary->allocations == 201);
  CHECK(summary->temporary == 0);
  CHECK(summary->peak_bytes == 92'700);
  CHECK(summary->leaked_bytes == 20'000);
}

TEST_CASE("a summary of heaptrack without a figure is refused") {
  const auto error_of = [](const std::string& figure) {
    const auto summary = read_heaptrack_summary(
        "calls to allocation functions: 1 (1/s)\ntemporary memory allocations: 0 (0/s)\n"
        "peak heap memory consumption: " +
        figure + "\ntotal memory leaked: 1.5GB\n");
    return summary ? "" : to_string(summary.error());
  };
  CHECK(error_of("12.5M") == "");
  CHECK(error_of("0B") == "");
  for (const char* figure : {"", "x", "-1K", "9e300E", "K", "nan"}) {
    CHECK(error_of(figure) ==
          "heaptrack_print: does not say 'peak heap memory consumption:' and a number");
  }
}

}  // namespace rz::profile
