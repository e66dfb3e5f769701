#include "rz/fallback/fallback_manager.h"

#include <doctest/doctest.h>

#include "fallback/fallback_support.h"
#include "rz/base/json.h"
#include "rz/fallback/history/history_index.h"
#include "rz/fallback/identity.h"
#include "rz/fallback/mode_state.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

/// A manager on a store of its own.
struct FallbackManagerFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage storage{clock};
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

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "a new store is in primary mode, and reading it writes nothing") {
  const Evaluation outcome = ok(manager.status());
  CHECK(outcome.after.mode == Mode::primary);
  CHECK_FALSE(outcome.changed());
  CHECK(outcome.after.epoch == 0);
  CHECK_FALSE(outcome.after.since);
  CHECK_FALSE(outcome.after.pin);
  CHECK_FALSE(outcome.after.is_degraded());
  CHECK_FALSE(outcome.after.is_safe_mode());
  CHECK(log().empty());
  CHECK(ok(scan_all_keys(storage, "*")).empty());
}

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "down and up again: the outcome, the state and the record agree") {
  clock.advance(std::chrono::seconds{5});
  const Evaluation down = ok(manager.cascade(failed(2)));
  CHECK(down.after.mode == Mode::safe);
  CHECK(down.before.mode == Mode::primary);
  CHECK(down.changed());
  CHECK(down.after.reason == "multiple_failures(2)");
  CHECK(down.after.epoch == 1);
  CHECK(down.after.since == at(5));
  CHECK(down.after.is_degraded());
  CHECK(down.after.is_safe_mode());
  CHECK(down.store.warnings.empty());
  REQUIRE(down.decision.rules.size() == 4);
  CHECK(down.decision.rules[0].fired);
  CHECK(mode_in(manager) == Mode::safe);

  clock.advance(std::chrono::seconds{5});
  const Evaluation up = ok(manager.cascade(kHealthy));
  CHECK(up.after.mode == Mode::primary);
  CHECK(up.before.mode == Mode::safe);
  CHECK(up.changed());
  CHECK(up.after.reason == "recovered");
  CHECK(up.after.epoch == 2);

  const std::vector<Transition> expected = {
      {at(5), Mode::primary, Mode::safe, "multiple_failures(2)", "evaluation", "ops", "db1", 1},
      {at(10), Mode::safe, Mode::primary, "recovered", "evaluation", "ops", "db1", 2}};
  CHECK(log() == expected);
  CHECK(log(1) == std::vector<Transition>{expected[1]});
}

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "the same decision again changes nothing, though its reason differs") {
  ok(manager.cascade(failed(2)));
  const auto stored = ok(storage.get(kModeStateKey));
  clock.advance(std::chrono::seconds{5});
  const Evaluation again = ok(manager.cascade(failed(3)));
  CHECK(again.after.mode == Mode::safe);
  CHECK(again.before.mode == Mode::safe);
  CHECK_FALSE(again.changed());
  CHECK(again.after.reason == "multiple_failures(2)");
  CHECK(again.decision.reason == "multiple_failures(3)");
  CHECK(again.after.since == at(0));
  CHECK(ok(storage.get(kModeStateKey)) == stored);
  CHECK(log().size() == 1);
}

TEST_CASE_FIXTURE(FallbackManagerFixture, "another manager on the store knows the mode") {
  ok(manager.cascade(circuit_open(12)));
  FallbackManager other(storage, {}, clock);
  const Evaluation outcome = ok(other.status());
  CHECK(outcome.after.mode == Mode::heuristic);
  CHECK(outcome.after.reason == "circuit_open(12s)");
  CHECK(outcome.after.epoch == 1);
  CHECK(outcome.after.since == at(0));
}

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "the actor and the host are the process' own if none are given") {
  ok(FallbackManager(storage, {}, clock).cascade(failed(2)));
  CHECK(log()[0].actor == user_name());
  CHECK(log()[0].host == host_name());
}

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "a dry run decides and changes nothing, not even a count") {
  FallbackManager slow(storage, {.recovery = {.good_evaluations = 2}}, clock);
  Evaluation dry = ok(slow.dry_run(failed(2)));
  CHECK(dry.changed());
  CHECK(dry.after.mode == Mode::safe);
  CHECK(dry.before.mode == Mode::primary);
  CHECK(dry.after.reason == "multiple_failures(2)");
  CHECK(ok(scan_all_keys(storage, "*")).empty());

  ok(slow.cascade(failed(2)));
  const auto stored = ok(storage.get(kModeStateKey));
  for (int i = 0; i < 3; ++i) {
    dry = ok(slow.dry_run(kHealthy));
    CHECK_FALSE(dry.changed());
    CHECK(dry.after.mode == Mode::safe);
    CHECK(dry.held == "recovery is held back: 1 of 2 good evaluations");
  }
  CHECK(ok(storage.get(kModeStateKey)) == stored);
}

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "set takes a mode in any case, pins it, and says who and why") {
  const Evaluation outcome =
      ok(manager.set_mode("Heuristic", std::chrono::minutes{1}, "maintenance"));
  CHECK(outcome.after.mode == Mode::heuristic);
  CHECK(outcome.changed());
  CHECK(outcome.after.reason == "maintenance");
  CHECK(outcome.after.pin == Pin{at(60), "maintenance", "ops@db1", at(0)});
  REQUIRE(log().size() == 1);
  CHECK(log()[0].trigger == "manual");
  CHECK(log()[0].reason == "maintenance");
  CHECK(ok(manager.status()).after.pin == outcome.after.pin);

  // The mode that is there already: a pin, but no transition.
  const Evaluation again = ok(manager.set_mode("HEURISTIC"));
  CHECK_FALSE(again.changed());
  CHECK(again.after.pin == Pin{std::nullopt, "manual", "ops@db1", at(0)});
  CHECK(again.after.epoch == 1);
  CHECK(log().size() == 1);
}

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "set refuses what is not a mode, and a time of zero or less") {
  const auto unknown = manager.set_mode("safest");
  CHECK(code_of(unknown) == ErrorCode::invalid_argument);
  CHECK(message_of(unknown) == "'safest' is not a valid mode; use primary, heuristic or safe");
  CHECK(code_of(manager.set_mode("safe", Millis{0})) == ErrorCode::invalid_argument);
  CHECK(code_of(manager.set_mode("safe", Millis{-1})) == ErrorCode::invalid_argument);
  CHECK(ok(scan_all_keys(storage, "*")).empty());
}

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "a stored state that cannot be read is kept, and is an error") {
  REQUIRE(storage.set(kModeStateKey, "{\"mode\":\"sa"));
  CHECK(code_of(manager.cascade(kHealthy)) == ErrorCode::corrupt);
  // Getting safer needs nobody's memory.
  const Evaluation worse = ok(manager.cascade(failed(2)));
  CHECK(worse.after.mode == Mode::safe);
  CHECK(worse.store.unrecorded);
  CHECK(ok(manager.dry_run(failed(2))).store.unrecorded);
  CHECK(code_of(manager.dry_run(kHealthy)) == ErrorCode::corrupt);
  CHECK(code_of(manager.set_mode("safe")) == ErrorCode::corrupt);
  CHECK(code_of(manager.release()) == ErrorCode::corrupt);
  CHECK(code_of(manager.peek()) == ErrorCode::corrupt);
  const auto status = manager.status();
  REQUIRE(code_of(status) == ErrorCode::corrupt);
  CHECK(status.error().where == "fallback:state");
  CHECK(ok(storage.get(kModeStateKey)) == "{\"mode\":\"sa");
}

TEST_CASE_FIXTURE(FallbackManagerFixture, "a store that fails is an error of every command") {
  storage::FaultyStorage failing(storage, clock);
  failing.inject(storage::Fault::failure());
  FallbackManager cut_off(failing, {}, clock);
  CHECK(code_of(cut_off.cascade(kHealthy)) == ErrorCode::unavailable);
  CHECK(ok(cut_off.cascade(failed(2))).store.unrecorded);
  CHECK(code_of(cut_off.set_mode("safe")) == ErrorCode::unavailable);
  CHECK(code_of(cut_off.status()) == ErrorCode::unavailable);
  CHECK(code_of(cut_off.metrics()) == ErrorCode::unavailable);
  CHECK(code_of(cut_off.peek()) == ErrorCode::unavailable);
}

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "metrics are the mode, and the last ten transitions that can be read") {
  const FallbackMetrics none = ok(manager.metrics());
  CHECK(none.mode.mode == Mode::primary);
  CHECK(none.mode.epoch == 0);
  CHECK(none.recent_transitions.empty());
  for (int i = 0; i < 12; ++i) {
    clock.advance(std::chrono::seconds{1});
    ok(manager.cascade(i % 2 == 0 ? failed(2) : kHealthy));
  }
  const FallbackMetrics metrics = ok(manager.metrics());
  CHECK(metrics.mode.epoch == 12);
  REQUIRE(metrics.recent_transitions.size() == 10);
  CHECK(metrics.recent_transitions.front().epoch == 3);
  CHECK(metrics.recent_transitions.back().epoch == 12);
  CHECK(metrics.store.warnings.empty());

  // A record that is damaged keeps nobody from the others.
  const auto newest =
      ok(storage.read_log("fallback:transition",
                          {.until = HistoryIndex::kMarkPlace, .limit = 1, .newest_first = true}));
  const std::string key = log_key("fallback:transition", newest.at(0).time);
  REQUIRE(storage.set(key, "{\"half"));
  const FallbackMetrics rest = ok(manager.metrics());
  CHECK(rest.recent_transitions.back().epoch == 11);
  REQUIRE(rest.store.warnings.size() == 1);
  CHECK(rest.store.warnings[0].starts_with(key + ": "));
}

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "callbacks run on entering their mode, in order, after the commit") {
  std::vector<std::string> calls;
  const auto note = [&](const std::string& name) {
    return [&calls, name, this](const Transition& transition) -> Result<void> {
      calls.push_back(name + "#" + std::to_string(*transition.epoch));
      CHECK(mode_in(manager) == transition.to);
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

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "a callback that fails is told, stops no other, and undoes nothing") {
  bool ran = false;
  manager.register_mode_callback(Mode::safe, [](const Transition&) -> Result<void> {
    return fail(ErrorCode::unavailable, "no pager");
  });
  manager.register_mode_callback(Mode::safe, [&](const Transition&) -> Result<void> {
    ran = true;
    return {};
  });
  const Evaluation outcome = ok(manager.cascade(failed(2)));
  CHECK(outcome.store.warnings == std::vector<std::string>{"callback for safe: no pager"});
  CHECK(ran);
  CHECK(outcome.after.callbacks_owed == 1);
  CHECK(mode_in(manager) == Mode::safe);
  CHECK(log().size() == 1);
}

/// Keeps what is emitted.
class FakeSink final : public MetricsSink {
 public:
  void emit(std::string_view name, double value, const MetricTags&,
            std::optional<TimePoint>) override {
    seen.push_back(std::string(name) + " " + std::to_string(static_cast<int>(value)));
  }
  void emit_counter(std::string_view name, double, const MetricTags& tags) override {
    seen.push_back(std::string(name) + " " + (tags.contains("to") ? tags.at("to") : ""));
  }
  void emit_histogram(std::string_view, double, const MetricTags&) override {}
  void emit_event(const MetricEvent& event) override {
    seen.push_back(event.title + ": " + event.text);
    CHECK(event.level == MetricEvent::Level::error);
  }

  std::vector<std::string> seen;
};

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "the sink learns the mode of each evaluation, and each transition") {
  FakeSink sink;
  FallbackManager measured(storage, {}, clock, &sink);
  ok(measured.cascade(failed(2)));
  ok(measured.cascade(failed(2)));
  CHECK(sink.seen == std::vector<std::string>{
                         "fallback_mode 2", "fallback_transitions_total safe",
                         "fallback_callbacks_owed 0", "fallback_callbacks_oldest_age_seconds 0",
                         "The system's mode is safe, after primary: multiple_failures(2)",
                         "fallback_votes 0", "fallback_votes 1", "fallback_mode 2",
                         "fallback_callbacks_owed 0", "fallback_callbacks_oldest_age_seconds 0",
                         "fallback_votes 0", "fallback_votes 1"});
}

TEST_CASE_FIXTURE(FallbackManagerFixture,
                  "when it was decided is a time before callbacks were run, by the shared clock") {
  ManualClock of_store{at(100)};
  ClockedStorage shared(storage, of_store);
  FallbackManager deciding(shared, {.actor = "ops", .host = "db1"}, clock);
  deciding.register_mode_callback(Mode::safe, [&](const Transition&) -> Result<void> {
    clock.advance(std::chrono::seconds{30});
    of_store.advance(std::chrono::seconds{30});
    return {};
  });
  const Evaluation quiet = ok(deciding.cascade(kHealthy));
  CHECK(quiet.decided_at == at(0));
  const Evaluation down = ok(deciding.cascade(failed(2)));
  CHECK(of_store.now() == at(130));
  CHECK(down.decided_at == at(100));
  CHECK(down.decided_at == down.after.since);
  CHECK(ok(deciding.dry_run(failed(2))).decided_at >= at(30));
}

}  // namespace
}  // namespace rz::fallback
