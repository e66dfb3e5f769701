#include "rz/fallback/manager.h"

#include <doctest/doctest.h>

#include "fallback/fallback_support.h"
#include "rz/base/json.h"
#include "rz/fallback/identity.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz {
namespace {

/// A manager on a store of its own.
struct Fixture {
  ManualClock clock{at(0)};
  MemoryStorage storage{clock};
  FallbackManager manager{storage, {.actor = "ops", .host = "db1"}, clock};

  /// Without the tokens of their writers, which differ from run to run.
  std::vector<Transition> log(std::size_t limit = 100) {
    auto records = ok(manager.transitions_log(limit));
    for (Transition& record : records) {
      CHECK_FALSE(record.writer.empty());
      record.writer.clear();
    }
    return records;
  }
};

TEST_CASE_FIXTURE(Fixture, "a new store is in primary mode, and reading it writes nothing") {
  const CascadeOutcome outcome = ok(manager.status());
  CHECK(outcome.mode == Mode::primary);
  CHECK_FALSE(outcome.changed);
  CHECK(outcome.epoch == 0);
  CHECK_FALSE(outcome.since);
  CHECK_FALSE(outcome.pin);
  CHECK(ok(manager.current_mode()) == Mode::primary);
  CHECK_FALSE(ok(manager.is_degraded()));
  CHECK_FALSE(ok(manager.is_safe_mode()));
  CHECK(log().empty());
  CHECK(ok(scan_all_keys(storage, "*")).empty());
}

TEST_CASE_FIXTURE(Fixture, "down and up again: the outcome, the state and the record agree") {
  clock.advance(std::chrono::seconds{5});
  const CascadeOutcome down = ok(manager.cascade(failed(2)));
  CHECK(down.mode == Mode::safe);
  CHECK(down.previous == Mode::primary);
  CHECK(down.changed);
  CHECK(down.reason == "multiple_failures(2)");
  CHECK(down.epoch == 1);
  CHECK(down.since == at(5));
  CHECK(down.is_degraded());
  CHECK(down.is_safe_mode());
  CHECK(down.warnings.empty());
  REQUIRE(down.decision.rules.size() == 4);
  CHECK(down.decision.rules[0].fired);
  CHECK(ok(manager.mode_string()) == "safe");
  CHECK(ok(manager.is_safe_mode()));

  clock.advance(std::chrono::seconds{5});
  const CascadeOutcome up = ok(manager.cascade(kHealthy));
  CHECK(up.mode == Mode::primary);
  CHECK(up.previous == Mode::safe);
  CHECK(up.changed);
  CHECK(up.reason == "recovered");
  CHECK(up.epoch == 2);

  const std::vector<Transition> expected = {
      {at(5), Mode::primary, Mode::safe, "multiple_failures(2)", "evaluation", "ops", "db1", 1},
      {at(10), Mode::safe, Mode::primary, "recovered", "evaluation", "ops", "db1", 2}};
  CHECK(log() == expected);
  CHECK(log(1) == std::vector<Transition>{expected[1]});
}

TEST_CASE_FIXTURE(Fixture, "the same decision again changes nothing, though its reason differs") {
  ok(manager.cascade(failed(2)));
  const auto stored = ok(storage.get(kModeStateKey));
  clock.advance(std::chrono::seconds{5});
  const CascadeOutcome again = ok(manager.cascade(failed(3)));
  CHECK(again.mode == Mode::safe);
  CHECK(again.previous == Mode::safe);
  CHECK_FALSE(again.changed);
  CHECK(again.reason == "multiple_failures(2)");
  CHECK(again.decision.reason == "multiple_failures(3)");
  CHECK(again.since == at(0));
  CHECK(ok(storage.get(kModeStateKey)) == stored);
  CHECK(log().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "another manager on the store knows the mode") {
  ok(manager.cascade(circuit_open(12)));
  FallbackManager other(storage, {}, clock);
  const CascadeOutcome outcome = ok(other.status());
  CHECK(outcome.mode == Mode::heuristic);
  CHECK(outcome.reason == "circuit_open(12s)");
  CHECK(outcome.epoch == 1);
  CHECK(outcome.since == at(0));
}

TEST_CASE_FIXTURE(Fixture, "the actor and the host are the process' own if none are given") {
  ok(FallbackManager(storage, {}, clock).cascade(failed(2)));
  CHECK(log()[0].actor == user_name());
  CHECK(log()[0].host == host_name());
}

TEST_CASE_FIXTURE(Fixture, "a dry run decides and changes nothing, not even a count") {
  FallbackManager slow(storage, {.recovery = {.good_evaluations = 2}}, clock);
  CascadeOutcome dry = ok(slow.dry_run(failed(2)));
  CHECK(dry.changed);
  CHECK(dry.mode == Mode::safe);
  CHECK(dry.previous == Mode::primary);
  CHECK(dry.reason == "multiple_failures(2)");
  CHECK(ok(scan_all_keys(storage, "*")).empty());

  ok(slow.cascade(failed(2)));
  const auto stored = ok(storage.get(kModeStateKey));
  for (int i = 0; i < 3; ++i) {
    dry = ok(slow.dry_run(kHealthy));
    CHECK_FALSE(dry.changed);
    CHECK(dry.mode == Mode::safe);
    CHECK(dry.held == "recovery is held back: 1 of 2 good evaluations");
  }
  CHECK(ok(storage.get(kModeStateKey)) == stored);
}

TEST_CASE_FIXTURE(Fixture, "set takes a mode in any case, pins it, and says who and why") {
  const CascadeOutcome outcome =
      ok(manager.set_mode("Heuristic", std::chrono::minutes{1}, "maintenance"));
  CHECK(outcome.mode == Mode::heuristic);
  CHECK(outcome.changed);
  CHECK(outcome.reason == "maintenance");
  CHECK(outcome.pin == Pin{at(60), "maintenance", "ops@db1", at(0)});
  REQUIRE(log().size() == 1);
  CHECK(log()[0].trigger == "manual");
  CHECK(log()[0].reason == "maintenance");
  CHECK(ok(manager.status()).pin == outcome.pin);

  // The mode that is there already: a pin, but no transition.
  const CascadeOutcome again = ok(manager.set_mode("HEURISTIC"));
  CHECK_FALSE(again.changed);
  CHECK(again.pin == Pin{std::nullopt, "manual", "ops@db1", at(0)});
  CHECK(again.epoch == 1);
  CHECK(log().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "set refuses what is not a mode, and a time of zero or less") {
  const auto unknown = manager.set_mode("safest");
  CHECK(code_of(unknown) == ErrorCode::invalid_argument);
  CHECK(message_of(unknown) == "'safest' is not a valid mode; use primary, heuristic or safe");
  CHECK(code_of(manager.set_mode("safe", Millis{0})) == ErrorCode::invalid_argument);
  CHECK(code_of(manager.set_mode("safe", Millis{-1})) == ErrorCode::invalid_argument);
  CHECK(ok(scan_all_keys(storage, "*")).empty());
}

TEST_CASE_FIXTURE(Fixture, "a stored state that cannot be read is kept, and is an error") {
  REQUIRE(storage.set(kModeStateKey, "{\"mode\":\"sa"));
  CHECK(code_of(manager.cascade(kHealthy)) == ErrorCode::corrupt);
  // Getting safer needs nobody's memory.
  const CascadeOutcome worse = ok(manager.cascade(failed(2)));
  CHECK(worse.mode == Mode::safe);
  CHECK(worse.unrecorded);
  CHECK(code_of(manager.dry_run(failed(2))) == ErrorCode::corrupt);
  CHECK(code_of(manager.set_mode("safe")) == ErrorCode::corrupt);
  CHECK(code_of(manager.release()) == ErrorCode::corrupt);
  CHECK(code_of(manager.detect_anomaly(Value::object())) == ErrorCode::corrupt);
  const auto status = manager.status();
  REQUIRE(code_of(status) == ErrorCode::corrupt);
  CHECK(status.error().where == "fallback:state");
  CHECK(ok(storage.get(kModeStateKey)) == "{\"mode\":\"sa");
}

TEST_CASE_FIXTURE(Fixture, "a store that fails is an error of every command") {
  FaultyStorage failing(storage, clock);
  failing.inject(Fault::failure());
  FallbackManager cut_off(failing, {}, clock);
  CHECK(code_of(cut_off.cascade(kHealthy)) == ErrorCode::unavailable);
  CHECK(ok(cut_off.cascade(failed(2))).unrecorded);
  CHECK(code_of(cut_off.set_mode("safe")) == ErrorCode::unavailable);
  CHECK(code_of(cut_off.status()) == ErrorCode::unavailable);
  std::vector<std::string> warnings;
  CHECK(code_of(cut_off.metrics(warnings)) == ErrorCode::unavailable);
  CHECK(code_of(cut_off.is_degraded()) == ErrorCode::unavailable);
}

TEST_CASE_FIXTURE(Fixture, "metrics in the shape of the notes") {
  std::vector<std::string> warnings;
  CHECK(to_json(ok(manager.metrics(warnings))) ==
        R"({"current_mode":"primary","is_degraded":false,"is_safe_mode":false,)"
        R"("total_transitions":0,"recent_transitions":[]})");
  for (int i = 0; i < 12; ++i) {
    clock.advance(std::chrono::seconds{1});
    ok(manager.cascade(i % 2 == 0 ? failed(2) : kHealthy));
  }
  const Value metrics = ok(manager.metrics(warnings));
  CHECK(*metrics.find("total_transitions") == Value(12));
  const Value::Array* recent = metrics.find("recent_transitions")->as_array();
  REQUIRE(recent != nullptr);
  REQUIRE(recent->size() == 10);
  CHECK(*recent->front().find("epoch") == Value(3));
  CHECK(*recent->back().find("epoch") == Value(12));
  CHECK(warnings.empty());

  // A record that is damaged keeps nobody from the others.
  const auto newest =
      ok(storage.read_log("fallback:transition",
                          {.until = TransitionLog::kMarkPlace, .limit = 1, .newest_first = true}));
  const std::string key = log_key("fallback:transition", newest.at(0).time);
  REQUIRE(storage.set(key, "{\"half"));
  const Value rest = ok(manager.metrics(warnings));
  CHECK(*rest.find("recent_transitions")->as_array()->back().find("epoch") == Value(11));
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].starts_with(key + ": "));
}

TEST_CASE_FIXTURE(Fixture, "callbacks run on entering their mode, in order, after the commit") {
  std::vector<std::string> calls;
  const auto note = [&](const std::string& name) {
    return [&calls, name, this](const Transition& transition) -> Result<void> {
      calls.push_back(name + "#" + std::to_string(*transition.epoch));
      CHECK(ok(manager.current_mode()) == transition.to);
      return {};
    };
  };
  manager.register_mode_callback(Mode::safe, note("first"));
  manager.register_mode_callback(Mode::safe, note("second"));
  manager.register_mode_callback(Mode::primary, note("back"));
  ok(manager.cascade(kHealthy));
  CHECK(calls.empty());
  ok(manager.dry_run(failed(2)));
  CHECK(calls.empty());
  ok(manager.cascade(failed(2)));
  ok(manager.cascade(failed(2)));
  ok(manager.set_mode("heuristic"));
  ok(manager.set_mode("primary"));
  CHECK(calls == std::vector<std::string>{"first#1", "second#1", "back#3"});
}

TEST_CASE_FIXTURE(Fixture, "a callback that fails is told, stops no other, and undoes nothing") {
  bool ran = false;
  manager.register_mode_callback(Mode::safe, [](const Transition&) -> Result<void> {
    return fail(ErrorCode::unavailable, "no pager");
  });
  manager.register_mode_callback(Mode::safe, [&](const Transition&) -> Result<void> {
    ran = true;
    return {};
  });
  const CascadeOutcome outcome = ok(manager.cascade(failed(2)));
  CHECK(outcome.warnings == std::vector<std::string>{"callback for safe: no pager"});
  CHECK(ran);
  CHECK(outcome.callbacks_owed == 1);
  CHECK(ok(manager.current_mode()) == Mode::safe);
  CHECK(log().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "registered fallbacks run where their condition holds") {
  std::vector<std::string> ran;
  const auto note = [&](const std::string& name) {
    return [&ran, name]() -> Result<void> {
      ran.push_back(name);
      return {};
    };
  };
  REQUIRE(manager.register_fallback("shed", "severity >= 0.8", note("old shed")));
  REQUIRE(manager.register_fallback("page", "recurrence_count >= 5", note("page")));
  REQUIRE(manager.register_fallback("shed", "severity >= 0.8", note("shed"),
                                    Value::object({{"team", "ops"}})));
  REQUIRE(manager.register_fallback(
      "break", "always", []() -> Result<void> { return fail(ErrorCode::unavailable, "broken"); }));
  CHECK(to_json(ok(parse_json(*ok(storage.get("fallback:definition:shed"))))) ==
        R"({"name":"shed","condition":"severity >= 0.8","metadata":{"team":"ops"},)"
        R"("registered_at":"2023-11-14T22:13:20.000000Z"})");

  ConditionContext context;
  context.set("severity", 0.9);
  const auto runs = manager.evaluate_fallbacks(context);
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

TEST_CASE_FIXTURE(Fixture, "a fallback that cannot be registered is not") {
  const auto action = []() -> Result<void> { return {}; };
  CHECK(code_of(manager.register_fallback("", "always", action)) == ErrorCode::invalid_argument);
  CHECK(code_of(manager.register_fallback("x", "severty > 1", action)) == ErrorCode::parse);
  CHECK(manager.evaluate_fallbacks({}).empty());
  CHECK(ok(scan_all_keys(storage, "*")).empty());
}

/// Answers what it is told to.
class FakeDetector final : public Detector {
 public:
  explicit FakeDetector(Result<Value> answer) : answer_(std::move(answer)) {}
  Result<Value> detect(const Value&) override { return answer_; }

 private:
  Result<Value> answer_;
};

std::string detection(const FallbackManager& manager) {
  return to_json(ok(manager.detect_anomaly(Value::object({{"severity", 0.9}}))));
}

TEST_CASE_FIXTURE(Fixture, "the detector of the mode answers; without one the answer is careful") {
  CHECK(detection(manager) == R"({"anomaly":false,"confidence":0.0,"mode":"primary_unavailable"})");
  ok(manager.set_mode("heuristic"));
  CHECK(detection(manager) ==
        R"({"anomaly":false,"confidence":0.0,"mode":"heuristic_unavailable"})");

  manager.set_detectors(
      std::make_unique<FakeDetector>(Value::object({{"anomaly", true}, {"confidence", 0.5}})),
      make_condition_detector(ok(parse_condition("severity >= 0.8"))));
  CHECK(detection(manager) == R"({"anomaly":true,"confidence":1.0,"mode":"heuristic"})");
  ok(manager.set_mode("primary"));
  CHECK(detection(manager) == R"({"anomaly":true,"confidence":0.5})");
  ok(manager.set_mode("safe"));
  CHECK(detection(manager) == R"({"anomaly":false,"confidence":0.0,"mode":"safe"})");
}

TEST_CASE_FIXTURE(Fixture, "a detector that fails answers carefully, with the error") {
  manager.set_detectors(
      std::make_unique<FakeDetector>(fail(ErrorCode::timeout, "the model sleeps")), nullptr);
  CHECK(detection(manager) ==
        R"({"anomaly":false,"confidence":0.0,"mode":"error","error":"the model sleeps"})");
}

/// Keeps what is emitted.
class FakeSink final : public MetricsSink {
 public:
  void emit(std::string_view name, double value, const MetricTags&,
            std::optional<TimePoint>) override {
    seen.push_back(std::string(name) + " " + std::to_string(static_cast<int>(value)));
  }
  void emit_counter(std::string_view name, double, const MetricTags& tags) override {
    seen.push_back(std::string(name) + " " + tags.at("to"));
  }
  void emit_histogram(std::string_view, double, const MetricTags&) override {}

  std::vector<std::string> seen;
};

TEST_CASE_FIXTURE(Fixture, "the sink learns the mode of each evaluation, and each transition") {
  FakeSink sink;
  FallbackManager measured(storage, {}, clock, &sink);
  ok(measured.cascade(failed(2)));
  ok(measured.cascade(failed(2)));
  CHECK(sink.seen == std::vector<std::string>{"fallback_mode 2", "fallback_transitions_total safe",
                                              "fallback_mode 2"});
}

}  // namespace
}  // namespace rz
