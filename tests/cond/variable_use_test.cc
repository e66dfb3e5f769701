#include "rz/cond/variable_use.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rz/cond/condition.h"
#include "support/results.h"

namespace rz::cond {

TEST_CASE("what would have to be defined, and of what type") {
  const auto unknown = [](const char* text) {
    std::string found;
    static constexpr const char* kTypes[] = {"number", "integer", "string", "boolean"};
    for (const Variable& variable : unknown_variables(text, {})) {
      found += (found.empty() ? "" : " ") + variable.name + ":" +
               kTypes[static_cast<int>(variable.type)];
    }
    return found;
  };
  CHECK(unknown("load > 1") == "load:number");
  CHECK(unknown("load > 1 and host == 'a' or load < 2") == "load:number host:string");
  CHECK(unknown("host in ['a'] and true == drained") == "host:string drained:boolean");
  CHECK(unknown("has `a b` and severity > 1") == "a b:number");
  CHECK(unknown("severty > 1 and AND") == "");
  CHECK(unknown("load >") == "load:number");
}

TEST_CASE("a variable of which only `has` asks need not have a value") {
  const Condition condition = ok(parse_condition("has step and severity > 1 or has duration"));
  REQUIRE(condition.variables().size() == 3);
  CHECK(needed_variables(condition) == std::vector<bool>{false, true, false});
}

}  // namespace rz::cond
