#include <doctest/doctest.h>

#include "rz/reports/config_findings.h"
#include "rz/reports/formats.h"
#include "written.h"

namespace rz::reports {

using testing::written;

TEST_CASE("a configuration in which nothing is wrong, in a line") {
  CHECK(written(ConfigFindings{}, "text") ==
        "ok: no configuration file was found; rz uses its defaults\n");
  CHECK(written(ConfigFindings{.path = "a", .name = "a\x1b", .says_nothing = true}, "text") ==
        "a\\x1b: ok: it sets nothing; the defaults are used\n");
  CHECK(written(ConfigFindings{.path = "-", .name = "standard input", .checks = 1, .rules = 2},
                "text") == "standard input: ok (1 check, 2 rules)\n");
}

TEST_CASE("what is wrong stands in JSON") {
  const ConfigFindings found{
      .path = "a", .errors = {{ErrorCode::config, "no", "a:1:2"}}, .warnings = {"hm"}};
  CHECK(written(found, "text") == "");
  CHECK(written(found, "json") ==
        R"({"schema":"rz.config/1","path":"a","ok":false,)"
        R"("errors":[{"where":"a:1:2","message":"no"}],"warnings":["hm"]})"
        "\n");
}

TEST_CASE("the file that is read, and where it was looked for") {
  const ConfigSearch search{.found = "b", .places = {{"a", "RZ_CONFIG"}, {"b", "--config"}}};
  CHECK(written(search, "text") == "b\n");
  CHECK(written(ConfigSearch{}, "text") == "");
  CHECK(written(search, "json") == R"({"schema":"rz.config/1","path":"b","candidates":[)"
                                   R"({"path":"a","source":"RZ_CONFIG","used":false},)"
                                   R"({"path":"b","source":"--config","used":true}]})"
                                   "\n");
}

TEST_CASE("the values in force, as a configuration file or a document") {
  ConfigSettings shown{.settings = {{"a.b", "5s", "rz.yaml:1"},
                                    {"a.c", nullptr, "default"},
                                    {"d", Value::object({{"x\x1b: y", 1}}), "\x1b"}}};
  CHECK(written(shown, "text") == "a:\n  b: 5s\n  # c:\nd: {\"x\\u001b: y\": 1}\n");
  CHECK(written(shown, "json") == R"({"schema":"rz.config/1","path":null,)"
                                  R"("config":{"a":{"b":"5s","c":null},"d":{"x\u001b: y":1}}})"
                                  "\n");
  shown.path = "rz.yaml";
  shown.origins = true;
  CHECK(written(shown, "text") ==
        "a:\n"
        "  b: 5s               # rz.yaml:1\n"
        "  # c:                # default\n"
        "d: {\"x\\u001b: y\": 1}  # \\x1b\n");
  CHECK(written(shown, "json")
            .ends_with(R"("origins":{"a.b":"rz.yaml:1","a.c":"default","d":"\u001b"}})"
                       "\n"));
}

}  // namespace rz::reports
