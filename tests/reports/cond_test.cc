#include <doctest/doctest.h>

#include <string>

#include "rz/reports/cond_reports.h"
#include "rz/reports/formats.h"
#include "written.h"

namespace rz::reports {
namespace {

using testing::written;

std::string explained(const std::string& text, double severity, const char* format = "text") {
  const auto condition = parse_condition(text);
  REQUIRE(condition.has_value());
  ConditionContext context;
  context.set("severity", severity);
  context.set("step", std::int64_t{4});
  return written(CondExplanation{text, explain(*condition, context)}, format);
}

}  // namespace

TEST_CASE("the tree as text") {
  CHECK(explained("severity >= 0.8 and step > 1", 0.75) ==
        "false  severity >= 0.8 and step > 1\n"
        "├─ false  severity >= 0.8  [severity = 0.75]  decides\n"
        "└─ skipped  step > 1\n"
        "severity is 0.75, needs at least 0.8 for true\n");
  CHECK(explained("not (severity > 1 or step in [4, 5]) and duration > 1", 0.5) ==
        "false  not (severity > 1 or step in [4, 5]) and duration > 1\n"
        "├─ false  not (severity > 1 or step in [4, 5])  decides\n"
        "│  └─ true  severity > 1 or step in [4, 5]\n"
        "│     ├─ false  severity > 1  [severity = 0.5]\n"
        "│     └─ true  step in [4, 5]  [step = 4]  decides\n"
        "└─ skipped  duration > 1\n"
        "step is 4, needs at most 3 for true, and then duration is needed\n");
  CHECK(explained("severity * 2 > step or duration > 1", 0.5) ==
        "failed  severity * 2 > step or duration > 1\n"
        "├─ false  severity * 2 > step  [severity = 0.5, step = 4, severity * 2 = 1.0]\n"
        "└─ failed  duration > 1  [duration is missing]\n");
  CHECK(explained("always", 0) == "true  true\n");
}

TEST_CASE("the tree as JSON") {
  CHECK(explained("severity >= 0.8 and step > 1", 0.75, "json") ==
        R"({"schema":"rz.cond.explain/1","expression":"severity >= 0.8 and step > 1",)"
        R"("result":false,"change":{"variable":"severity","is":"0.75","needs":"at least 0.8",)"
        R"("result":true,"then":null},"explanation":{"text":"severity >= 0.8 and step > 1",)"
        R"("state":"answered","result":false,"decides":false,"operation":"and","parts":[)"
        R"({"text":"severity >= 0.8","state":"answered","result":false,"decides":true,)"
        R"("operands":[{"text":"severity","value":"0.75"}]},)"
        R"({"text":"step > 1","state":"skipped","result":null,"decides":false,"operands":[]}]}})"
        "\n");
}

TEST_CASE("an answer that is false because a value is missing says so") {
  const auto condition = parse_condition("severity > 1 or step > 1");
  REQUIRE(condition.has_value());
  ConditionContext context;
  context.set("severity", 0.0);
  const CondExplanation document{"severity > 1 or step > 1",
                                 with_missing_as_false(explain(*condition, context))};
  CHECK(written(document, "text") ==
        "false  severity > 1 or step > 1\n"
        "├─ false  severity > 1  [severity = 0.0]\n"
        "└─ failed  step > 1  [step is missing]\n"
        "false because a value is missing: variable 'step' has no value\n");
  const std::string json = written(document, "json");
  CHECK(json.find(R"("result":false,"change":null,"missing":{"code":"not_found",)") !=
        std::string::npos);
  CHECK(json.find(R"("explanation":{"text":"severity > 1 or step > 1","state":"answered",)"
                  R"("result":false)") != std::string::npos);
  CHECK(json.find("\"error\"") == std::string::npos);
}

TEST_CASE("answers, findings and counts") {
  CHECK(written(CondAnswer{"x > 1", true}, "text") == "true\n");
  CHECK(written(CondAnswer{"x > \x1b", false}, "json") ==
        "{\"schema\":\"rz.cond/1\",\"expression\":\"x > \\u001b\",\"result\":false}\n");
  const CondCheck bad{{2, 1, {{ErrorCode::parse, "no", "f:1:2"}}, {}}};
  CHECK(written(bad, "text") == "");
  CHECK(written(CondCheck{{1, 0, {}, {}}}, "text") == "ok\n");
  CHECK(written(bad, "json") ==
        R"({"schema":"rz.cond.check/1","conditions":2,"bad":1,)"
        R"("errors":[{"where":"f:1:2","message":"no"}],"warnings":[],"ok":false})"
        "\n");
  const FilterCounts counts{{.records = 5, .matches = 3, .bad = 1}};
  CHECK(written(counts, "text") == "3\n");
  CHECK(written(counts, "json") ==
        "{\"schema\":\"rz.cond.filter/1\",\"records\":5,\"matches\":3,\"bad\":1}\n");
}

}  // namespace rz::reports
