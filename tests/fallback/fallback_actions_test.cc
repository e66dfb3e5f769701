#include "rz/fallback/fallback_actions.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rz/base/json.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

struct FallbackActionsFixture {
  ManualClock clock;
  storage::MemoryStorage storage{clock};
  FallbackActions actions{storage, clock};
};

TEST_CASE_FIXTURE(FallbackActionsFixture, "registered fallbacks run where their condition holds") {
  std::vector<std::string> ran;
  const auto note = [&](const std::string& name) {
    return [&ran, name]() -> Result<void> {
      ran.push_back(name);
      return {};
    };
  };
  REQUIRE(actions.add("shed", "severity >= 0.8", note("old shed")));
  REQUIRE(actions.add("page", "recurrence_count >= 5", note("page")));
  REQUIRE(actions.add("shed", "severity >= 0.8", note("shed"), Value::object({{"team", "ops"}})));
  REQUIRE(actions.add("break", "always",
                      []() -> Result<void> { return fail(ErrorCode::unavailable, "broken"); }));
  CHECK(to_json(ok(parse_json(*ok(storage.get("fallback:definition:shed"))))) ==
        R"({"name":"shed","condition":"severity >= 0.8","metadata":{"team":"ops"},)"
        R"("registered_at":"2023-11-14T22:13:20.000000Z"})");

  ConditionContext context;
  context.set("severity", 0.9);
  const auto runs = actions.evaluate(context);
  REQUIRE(runs.size() == 3);
  CHECK(runs[0].name == "page");
  CHECK_FALSE(runs[0].held);
  REQUIRE(runs[0].error);
  CHECK(runs[0].error->code == ErrorCode::not_found);
  CHECK(runs[1].name == "shed");
  CHECK(runs[1].held);
  CHECK_FALSE(runs[1].error);
  CHECK(runs[2].held);
  REQUIRE(runs[2].error);
  CHECK(runs[2].error->message == "broken");
  CHECK(ran == std::vector<std::string>{"shed"});
}

TEST_CASE_FIXTURE(FallbackActionsFixture, "a fallback that cannot be registered is not") {
  const auto action = []() -> Result<void> { return {}; };
  CHECK(code_of(actions.add("", "always", action)) == ErrorCode::invalid_argument);
  CHECK(code_of(actions.add("x", "severty > 1", action)) == ErrorCode::parse);
  CHECK(actions.evaluate({}).empty());
  CHECK(ok(scan_all_keys(storage, "*")).empty());
}

}  // namespace
}  // namespace rz::fallback
