#include "rz/cli/progress.h"

#include <doctest/doctest.h>

namespace rz::cli {

TEST_CASE("what is known of the progress is told") {
  using Seconds = std::chrono::duration<double>;
  CHECK(describe_progress(5'000'000, 250, 1000, Seconds(2)) ==
        " 25 %  5.0 M records, 2.5 M/s  6 s left");
  CHECK(describe_progress(12'000, 1000, 1000, Seconds(2)) == "100 %  12.0 k records, 6000/s");
  CHECK(describe_progress(7, 100, 0, Seconds(2)) == "7 records, 4/s");
  CHECK(describe_progress(7, 0, 0, Seconds(0)) == "7 records");
  // A file that grows while it is read.
  CHECK(describe_progress(7, 2000, 1000, Seconds(7)) == "100 %  7 records, 1/s");
}

}  // namespace rz::cli
