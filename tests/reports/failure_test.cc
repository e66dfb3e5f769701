#include "rz/reports/failure.h"

#include <doctest/doctest.h>

#include "rz/reports/formats.h"
#include "written.h"

namespace rz::reports {

using testing::written;

TEST_CASE("a failure stands in the place of the document that was asked for") {
  const Error error{ErrorCode::timeout, "no answer", "redis"};
  CHECK(written(Failure{"rz.cascade/1", "mode", error}, "json") ==
        R"({"schema":"rz.cascade/1","mode":null,)"
        R"("error":{"code":"timeout","message":"no answer","where":"redis"}})"
        "\n");
  CHECK(written(Failure{"rz.prune/1", "", error}, "json").find("null") == std::string::npos);
}

}  // namespace rz::reports
