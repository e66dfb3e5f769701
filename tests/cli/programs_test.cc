// The one file that holds all commands, by names that it has and by others.
#include <doctest/doctest.h>

#include <string>

#include "golden.h"
#include "support/paths.h"
#include "support/temp_folder.h"

namespace rz::testing {

TEST_CASE("a command is what the name says that it is started by") {
  const TempFolder home;
  const auto called = [&](const std::string& name) {
    return run_step("ln -sf " + test::build_dir() + "/libexec/rz/rz-programs " + name + " && ./" +
                        name + " eval '1 < 2'",
                    home.path());
  };
  CHECK(called("rz-cond").output == "true\n");
  CHECK(called("cond").output == "true\n");
  const GoldenStep unknown = called("rz-frobnicate");
  CHECK(unknown.exit_code == 3);
  CHECK(unknown.output == "");
  CHECK(unknown.error == "rz: 'frobnicate' is not a command of rz\nTry 'rz help'.\n");
}

}  // namespace rz::testing
