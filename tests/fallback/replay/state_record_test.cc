#include "rz/fallback/replay/state_record.h"

#include <doctest/doctest.h>

#include <string>
#include <variant>

#include "fallback/fallback_support.h"
#include "rz/base/json.h"
#include "rz/fallback/policy_variables.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

StateRecord full_state_record() {
  StateRecord record{at(7), "web \"1\"", {}};
  HealthState& state = record.state;
  state.system = {"degraded", 1, 2, 3, 10, 4};
  state.circuit_breaker = {true, "HALF_OPEN", 1.5, 7, 8, 9, 4};
  state.retry = {"ELEVATED", 10, 0.25, 40};
  state.resources = {true, "warning", "healthy", "critical", "critical", 81.5, 42.5, 97.5};
  state.uptime_seconds = 3.5;
  state.complete = false;
  state.void_because = "no network";
  CheckResult check;
  check.name = "api";
  check.status = HealthStatus::degraded;
  state.health_checks.push_back(check);
  check.name = "db";
  check.status = HealthStatus::unhealthy;
  check.uncounted = "in maintenance";
  check.skipped = true;
  state.health_checks.push_back(check);
  return record;
}

TEST_CASE("all that a policy decides from comes back") {
  const StateRecord record = full_state_record();
  const std::string line = encode(record);
  CHECK(line.find('\n') == std::string::npos);
  const StateRecord read = ok(decode_state_record(line));
  CHECK(read.at == record.at);
  CHECK(read.host == record.host);
  CHECK_FALSE(read.state.complete);
  CHECK(read.state.void_because == "no network");
  for (const PolicyVariable& variable : policy_variable_table()) {
    CAPTURE(variable.name);
    CHECK(variable.read(read.state) == variable.read(record.state));
    // And none of them is the default, which would come back by itself.
    const bool own = variable.name == "mode" || variable.name == "dwell_seconds";
    CHECK((own || variable.read(record.state) != variable.read(HealthState{})));
  }
  REQUIRE(read.state.health_checks.size() == 2);
  CHECK(read.state.health_checks[0].status == HealthStatus::degraded);
  CHECK(read.state.health_checks[0].uncounted == "");
  CHECK(read.state.health_checks[1].status == HealthStatus::unhealthy);
  CHECK(read.state.health_checks[1].uncounted == "in maintenance");
  CHECK(read.state.health_checks[1].skipped);
}

TEST_CASE("a line that is no recorded state is refused, and what is wrong is named") {
  const auto why = [](const std::string& line) { return message_of(decode_state_record(line)); };
  CHECK(why("[]").find("not a JSON object") != std::string::npos);
  CHECK(why("{\"at\":").find("invalid JSON") != std::string::npos);
  CHECK(why("{}").find("'at'") != std::string::npos);
  std::string line = encode(full_state_record());
  const std::string failed = "\"failed_components\":3";
  for (const char* wrong :
       {"\"failed_components\":-1", "\"failed_components\":\"3\"", "\"faild_components\":3"}) {
    std::string changed = line;
    changed.replace(changed.find(failed), failed.size(), wrong);
    CHECK(why(changed).find("'failed_components'") != std::string::npos);
  }
}

TEST_CASE("the quick reader sees what the whole one does, or says that it cannot") {
  RecordHeadReader reader;
  StateRecord record = full_state_record();
  record.host = "web-1";
  const std::string line = encode(record);
  const RecordHead* head = reader.read(line);
  REQUIRE(head != nullptr);
  CHECK(head->at == record.at);
  CHECK(head->host == "web-1");
  const auto table = policy_variable_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    CAPTURE(table[i].name);
    if (table[i].name == "mode" || table[i].name == "dwell_seconds") continue;
    ConditionContext context;
    context.set("x", table[i].read(record.state));
    CHECK(head->values[i] == context.get("x"));
  }
  // Another order, a text with an escape, spaces, a line that is cut.
  CHECK(reader.read(encode(full_state_record())) == nullptr);
  CHECK(reader.read(to_json(ok(parse_json(line)), 1)) == nullptr);
  CHECK(reader.read("{\"host\":\"a\"}") == nullptr);
  for (std::size_t size = 0; size < line.find(",\"checks\""); ++size) {
    CHECK(reader.read(line.substr(0, size)) == nullptr);
  }
}

}  // namespace
}  // namespace rz::fallback
