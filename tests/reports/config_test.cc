#include <doctest/doctest.h>

#include "rz/reports/config_findings.h"
#include "rz/reports/formats.h"
#include "written.h"

namespace rz::reports {

using testing::written;

TEST_CASE("a configuration in which nothing is wrong, in a line") {
  CHECK(written(&Format::config, ConfigFindings{}, "text") ==
        "ok: no configuration file was found; rz uses its defaults\n");
  CHECK(written(&Format::config, ConfigFindings{.path = "a", .name = "a\x1b", .says_nothing = true},
                "text") == "a\\x1b: ok: it sets nothing; the defaults are used\n");
  CHECK(written(&Format::config,
                ConfigFindings{.path = "-", .name = "standard input", .checks = 1, .rules = 2},
                "text") == "standard input: ok (1 check, 2 rules)\n");
}

TEST_CASE("what is wrong stands in JSON") {
  const ConfigFindings found{
      .path = "a", .errors = {{ErrorCode::config, "no", "a:1:2"}}, .warnings = {"hm"}};
  CHECK(written(&Format::config, found, "text") == "");
  CHECK(written(&Format::config, found, "json") ==
        R"({"schema":"rz.config/1","path":"a","ok":false,)"
        R"("errors":[{"where":"a:1:2","message":"no"}],"warnings":["hm"]})"
        "\n");
}

TEST_CASE("the file that is read, and where it was looked for") {
  const ConfigSearch search{.found = "b", .places = {{"a", "RZ_CONFIG"}, {"b", "--config"}}};
  CHECK(written(&Format::config_search, search, "text") == "b\n");
  CHECK(written(&Format::config_search, ConfigSearch{}, "text") == "");
  CHECK(written(&Format::config_search, search, "json") ==
        R"({"schema":"rz.config/1","path":"b","candidates":[)"
        R"({"path":"a","source":"RZ_CONFIG","used":false},)"
        R"({"path":"b","source":"--config","used":true}]})"
        "\n");
}

}  // namespace rz::reports
