#include <doctest/doctest.h>

#include "reading.h"

namespace rz::config {

using testing::good;
using testing::wrong;

TEST_CASE("variables of the file replace the default whitelist") {
  CHECK(good("").conditions.variables.size() == 5);
  CHECK(good("conditions: {variables: }").conditions.variables.size() == 5);
  const ConditionOptions options = good(
                                       "conditions: {variables: {cpu: number, host: string, up: "
                                       "boolean, n: integer}, max_tokens: "
                                       "9}")
                                       .conditions;
  CHECK(options.variables == std::vector<Variable>{{"cpu", VariableType::number},
                                                   {"host", VariableType::string},
                                                   {"up", VariableType::boolean},
                                                   {"n", VariableType::integer}});
  CHECK(options.max_tokens == 9);
}

TEST_CASE("variables have names and types") {
  const auto variables = [](const char* text) {
    return wrong(std::string("conditions: {variables: {") + text + "}}");
  };
  CHECK(variables("' ': number") ==
        "rz.yaml:1:26: conditions.variables: ' ' is not a name; it has only blanks");
  CHECK(variables("Always: number") ==
        "rz.yaml:1:26: conditions.variables: 'Always' is a reserved word of conditions");
  CHECK(
      variables("a: nubmer") ==
      "rz.yaml:1:29: conditions.variables.a: expected number, integer, string or boolean, got the "
      "text 'nubmer'; did you mean 'number'?");
  CHECK(variables("a: [number]") ==
        "rz.yaml:1:29: conditions.variables.a: expected number, integer, "
        "string or boolean, got a list");
  CHECK(wrong("conditions: {max_tokens: 0}") ==
        "rz.yaml:1:26: conditions.max_tokens: 0 is not from 1 to 1000");
}

TEST_CASE("the whitelist and the limit hold for the file's own conditions, wherever they stand") {
  CHECK(wrong("fallback: {actions: [{name: a, when: cpu > 1, command: [x]}]}\n"
              "conditions: {variables: {cpu: number}}\n") == "");
  CHECK(
      wrong("fallback: {rules: [{name: a, when: failures_1h > 1}]}\nconditions: {max_tokens: 2}\n")
          .find("rz.yaml:1:") == 0);
}

}  // namespace rz::config
