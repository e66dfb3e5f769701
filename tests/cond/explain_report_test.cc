#include "rz/cond/explain_report.h"

#include <doctest/doctest.h>

#include "rz/base/json.h"

namespace rz {
namespace {

Explanation explained(const std::string& text, double severity) {
  const auto condition = parse_condition(text);
  REQUIRE(condition.has_value());
  ConditionContext context;
  context.set("severity", severity);
  context.set("step", std::int64_t{4});
  return explain(*condition, context);
}

}  // namespace

TEST_CASE("the tree as text") {
  CHECK(to_text(explained("severity >= 0.8 and step > 1", 0.75)) ==
        "false  severity >= 0.8 and step > 1\n"
        "├─ false  severity >= 0.8  [severity = 0.75]  decides\n"
        "└─ skipped  step > 1\n"
        "severity is 0.75, needs at least 0.8 for true");
  CHECK(to_text(explained("not (severity > 1 or step in [4, 5]) and duration > 1", 0.5)) ==
        "false  not (severity > 1 or step in [4, 5]) and duration > 1\n"
        "├─ false  not (severity > 1 or step in [4, 5])  decides\n"
        "│  └─ true  severity > 1 or step in [4, 5]\n"
        "│     ├─ false  severity > 1  [severity = 0.5]\n"
        "│     └─ true  step in [4, 5]  [step = 4]  decides\n"
        "└─ skipped  duration > 1\n"
        "step is 4, needs at most 3 for true, and then duration is needed");
  CHECK(to_text(explained("severity * 2 > step or duration > 1", 0.5)) ==
        "failed  severity * 2 > step or duration > 1\n"
        "├─ false  severity * 2 > step  [severity = 0.5, step = 4, severity * 2 = 1.0]\n"
        "└─ failed  duration > 1  [duration is missing]");
  CHECK(to_text(explained("always", 0)) == "true  true");
}

TEST_CASE("the tree as JSON") {
  CHECK(to_json(to_value(explained("severity >= 0.8 and step > 1", 0.75))) ==
        R"({"schema":"rz.cond.explain/1","expression":"severity >= 0.8 and step > 1",)"
        R"("result":false,"change":{"variable":"severity","is":"0.75","needs":"at least 0.8",)"
        R"("result":true,"then":null},"explanation":{"text":"severity >= 0.8 and step > 1",)"
        R"("state":"answered","result":false,"decides":false,"operation":"and","parts":[)"
        R"({"text":"severity >= 0.8","state":"answered","result":false,"decides":true,)"
        R"("operands":[{"text":"severity","value":"0.75"}]},)"
        R"({"text":"step > 1","state":"skipped","result":null,"decides":false,"operands":[]}]}})");
}

}  // namespace rz
