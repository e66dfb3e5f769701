#include "rz/fallback/callbacks/registered_callbacks.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

using std::chrono::seconds;

struct ModeCallbacksFixture {
  RegisteredCallbacks callbacks;
  std::vector<std::string> calls;
  std::vector<std::string> warnings;
  CallbackOutput output;

  /// A callback that notes its name, and fails with `error` unless that is empty.
  ModeCallback note(const std::string& name, const std::string& error = {}) {
    return [this, name, error](const Transition&) -> Result<void> {
      calls.push_back(name);
      if (!error.empty()) return fail(ErrorCode::unavailable, error);
      return {};
    };
  }
  Transition entering(Mode mode) { return transition(at(0), Mode::primary, mode, "why", 1); }
};

TEST_CASE_FIXTURE(ModeCallbacksFixture,
                  "only the mode that a callback was registered for has one") {
  callbacks.add(Mode::safe, note("safe"), {});
  CHECK(callbacks.has(Mode::safe));
  CHECK_FALSE(callbacks.has(Mode::heuristic));
  ok(callbacks.run(entering(Mode::heuristic), warnings, output));
  CHECK(calls.empty());
  ok(callbacks.run(entering(Mode::safe), warnings, output));
  CHECK(calls == std::vector<std::string>{"safe"});
}

TEST_CASE_FIXTURE(
    ModeCallbacksFixture,
    "the limits of a mode are those given last, and its timeout covers all callbacks") {
  callbacks.add(Mode::safe, note("one"),
                {.attempts = 5, .max_age = seconds{1}, .timeout = seconds{20}});
  callbacks.add(Mode::heuristic, note("other"), {.attempts = 9});
  callbacks.add(Mode::safe, note("two"), {.attempts = 2, .timeout = seconds{3}});
  const CallbackLimits limits = callbacks.limits_of(Mode::safe);
  CHECK(limits.attempts == 2);
  CHECK(limits.timeout == seconds{23});
  CHECK(limits.max_age == CallbackLimits{}.max_age);
  CHECK(callbacks.limits_of(Mode::heuristic).attempts == 9);
  CHECK(callbacks.limits_of(Mode::primary).attempts == CallbackLimits{}.attempts);
}

TEST_CASE_FIXTURE(ModeCallbacksFixture,
                  "all callbacks of a mode run in their order, also after one that failed") {
  callbacks.add(Mode::safe, note("one"), {});
  callbacks.add(Mode::safe, note("two", "no light"), {});
  callbacks.add(Mode::safe, note("three", "no sound"), {});
  callbacks.add(Mode::safe, note("four"), {});
  const auto done = callbacks.run(entering(Mode::safe), warnings, output);
  CHECK(calls == std::vector<std::string>{"one", "two", "three", "four"});
  CHECK(message_of(done) == "no light");
  CHECK(warnings ==
        std::vector<std::string>{"callback for safe: no light", "callback for safe: no sound"});
}

TEST_CASE_FIXTURE(ModeCallbacksFixture,
                  "a callback may ask for callbacks, and add one for the next time") {
  callbacks.add(Mode::safe,
                [this](const Transition&) -> Result<void> {
                  calls.emplace_back(callbacks.has(Mode::safe) ? "asked" : "");
                  callbacks.add(Mode::safe, note("added"), {});
                  return {};
                },
                {});
  ok(callbacks.run(entering(Mode::safe), warnings, output));
  CHECK(calls == std::vector<std::string>{"asked"});
}

TEST_CASE_FIXTURE(ModeCallbacksFixture,
                  "a call is owed for a transition into a mode that has a callback") {
  callbacks.add(Mode::safe, note("safe"), {.timeout = seconds{60}});
  ModeState state;
  callbacks.owe_call(state, transition(at(0), Mode::safe, Mode::safe, "pinned", 1), at(0));
  callbacks.owe_call(state, entering(Mode::heuristic), at(0));
  CHECK(state.owed.empty());
  Transition record = entering(Mode::safe);
  record.writer = "writer";
  callbacks.owe_call(state, record, at(5));
  REQUIRE(state.owed.size() == 1);
  CHECK(state.owed[0].claim == "writer");
  CHECK(state.owed[0].claimed_at == at(5));
  // For one run and a little.
  CHECK(state.owed[0].is_claimed(at(65)));
}

}  // namespace
}  // namespace rz::fallback
