#include "rz/base/counted.h"

#include <doctest/doctest.h>

namespace rz {

TEST_CASE("one of a thing, else several") {
  CHECK(counted(0, "record") == "0 records");
  CHECK(counted(1, "record") == "1 record");
  CHECK(counted(2, "record") == "2 records");
}

}  // namespace rz
