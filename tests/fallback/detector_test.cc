#include "rz/fallback/detector.h"

#include <doctest/doctest.h>

#include "fallback/fallback_support.h"
#include "rz/base/json.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

std::unique_ptr<Detector> script_detector(const std::string& text,
                                          Millis timeout = Millis{30'000}) {
  CommandOptions options;
  options.command = {"/bin/sh", "-c", text};
  options.timeout = timeout;
  return make_command_detector(options);
}

const Value kTelemetry = Value::object({{"severity", 0.9}, {"tags", Value::array({"a", 1})}});

TEST_CASE("a program gets the record as a line of JSON, and its answer is passed on whole") {
  const TempFolder folder;
  const auto detector =
      script_detector("cat >'" + (folder / "got") +
                      R"('; echo '{"anomaly": true, "confidence": 0.75, "model": "v3"}')");
  const Value answer = ok(detector->detect(kTelemetry));
  CHECK(content_of(folder / "got") == "{\"severity\":0.9,\"tags\":[\"a\",1]}\n");
  CHECK(to_json(answer) == R"({"anomaly":true,"confidence":0.75,"model":"v3"})");
}

TEST_CASE("a program need not read its input, and an integer is a number") {
  const auto detector = script_detector(R"(echo '{"anomaly":false,"confidence":1}')");
  CHECK(ok(detector->detect(kTelemetry)).find("anomaly") != nullptr);
}

TEST_CASE("an answer that is none is an error") {
  for (const char* answer :
       {"", "yes", "[]", "null", "{}", R"({"anomaly":true})", R"({"anomaly":1,"confidence":1})",
        R"({"anomaly":true,"confidence":"high"})", R"({"anomaly":true,"confidence":2})",
        R"({"anomaly":true,"confidence":-0.1})", R"({"anomaly":true,"confidence":1.0000001})",
        R"({"anomaly":true,"anomaly":false,"confidence":1})",
        R"({"anomaly":true,"confidence":1} {})"}) {
    CAPTURE(answer);
    const auto failed =
        script_detector("printf '%s' '" + std::string(answer) + "'")->detect(kTelemetry);
    CHECK(code_of(failed) == ErrorCode::parse);
    CHECK(message_of(failed).starts_with("the detector's answer "));
  }
}

TEST_CASE("a program that fails, is not there, or does not end") {
  const auto failed =
      script_detector(R"(echo '{"anomaly":true,"confidence":1}'; echo 'no model' >&2; exit 1)")
          ->detect(kTelemetry);
  CHECK(code_of(failed) == ErrorCode::unavailable);
  CHECK(message_of(failed) == "the detector ended with exit code 1: no model");
  CHECK(code_of(script_detector("sleep 60", Millis{50})->detect(kTelemetry)) == ErrorCode::timeout);
  CommandOptions missing;
  missing.command = {"/nowhere/detect"};
  CHECK(code_of(make_command_detector(missing)->detect(kTelemetry)) == ErrorCode::not_found);
}

TEST_CASE("a condition over the record") {
  const auto detector =
      make_condition_detector(ok(parse_condition("severity >= 0.8 or recurrence_count >= 5")));
  CHECK(to_json(ok(detector->detect(kTelemetry))) ==
        R"({"anomaly":true,"confidence":1.0,"mode":"heuristic"})");
  CHECK(
      to_json(ok(detector->detect(Value::object({{"severity", 0.1}, {"recurrence_count", 4}})))) ==
      R"({"anomaly":false,"confidence":0.0,"mode":"heuristic"})");
  // What the answer needs must be there, and of its type.
  CHECK(code_of(detector->detect(Value::object())) == ErrorCode::not_found);
  CHECK(code_of(detector->detect(Value::object({{"severity", "high"}}))) ==
        ErrorCode::invalid_argument);
}

TEST_CASE("options make the detector that they describe") {
  CHECK(make_detector({}) == nullptr);
  DetectorOptions options;
  options.when = ok(parse_condition("always"));
  CHECK(to_json(ok(make_detector(options)->detect(Value::object()))) ==
        R"({"anomaly":true,"confidence":1.0,"mode":"heuristic"})");
  options.command.emplace().command = {"/bin/sh", "-c",
                                       R"(echo '{"anomaly":false,"confidence":0}')"};
  CHECK(ok(make_detector(options)->detect(Value::object())) ==
        Value::object({{"anomaly", false}, {"confidence", 0}}));
}

TEST_CASE("a context takes the scalars of an object") {
  const ConditionContext context = context_from(Value::object({{"b", true},
                                                               {"i", 3},
                                                               {"d", 0.5},
                                                               {"s", "text"},
                                                               {"null", nullptr},
                                                               {"list", Value::array({1})},
                                                               {"map", Value::object()}}));
  CHECK(context.values().size() == 4);
  CHECK(context.get("b") == ConditionValue(true));
  CHECK(context.get("i") == ConditionValue(std::int64_t{3}));
  CHECK(context.get("d") == ConditionValue(0.5));
  CHECK(context.get("s") == ConditionValue(std::string_view("text")));
  CHECK(context_from(Value(3)).values().empty());
}

}  // namespace
}  // namespace rz::fallback
