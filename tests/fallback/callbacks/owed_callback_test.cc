#include "rz/fallback/callbacks/owed_callback.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "fallback/fallback_support.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

using std::chrono::seconds;

const CallbackLimits kTwoAttempts{.attempts = 2, .max_age = seconds{600}, .timeout = seconds{30}};

OwedCallback owed_at(std::int64_t second) {
  Transition made = transition(at(second), Mode::primary, Mode::safe, "why", 1);
  made.writer = "writer";
  return owe(made, kTwoAttempts, at(second));
}

TEST_CASE("what is owed is claimed for its writer, for a run and a little") {
  const OwedCallback owed = owed_at(0);
  CHECK(owed.claim == "writer");
  CHECK(owed.is_claimed(at(30)));
  CHECK_FALSE(owed.is_claimed(at(40)));
  CHECK_FALSE(owed.is_abandoned(""));
}

TEST_CASE("a claim of a process that has ended is abandoned for who has its folder") {
  OwedCallback owed = owed_at(0);
  // The number of this process with another begin: one that had it before.
  const std::string ended = owed.process.substr(0, owed.process.rfind('/')) + "/1";
  owed.claim_for("token", kTwoAttempts, at(0), "mine");
  CHECK_FALSE(owed.is_abandoned("mine"));
  owed.process = ended;
  CHECK(owed.is_abandoned("mine"));
  CHECK_FALSE(owed.is_abandoned("another"));
  CHECK_FALSE(owed.is_abandoned(""));
  CHECK(ok(owed_callback_from(to_stored(owed))) == owed);
  // Where nobody has a folder, nobody sees whether what was started still runs.
  owed.claim_for("token", kTwoAttempts, at(0));
  owed.process = ended;
  CHECK_FALSE(owed.is_abandoned("mine"));
  CHECK_FALSE(owed.is_abandoned(""));
}

TEST_CASE("a reason that no program can be given is cut") {
  Transition made = transition(at(0), Mode::primary, Mode::safe, std::string(1 << 20, 'x'), 1);
  CHECK(owe(made, kTwoAttempts, at(0)).transition.reason.size() < made.reason.size());
}

TEST_CASE("runs that fail wait longer and longer, until it is given up") {
  OwedCallback owed = owed_at(0);
  owed.count_failure({at(1), "host"});
  CHECK(owed.claim == "");
  CHECK(owed.waits(at(10)));
  CHECK_FALSE(owed.waits(at(11)));
  CHECK_FALSE(owed.is_given_up(kTwoAttempts, at(11)));
  // A time that no wait reaches is that of a clock that was ahead.
  CHECK_FALSE(owed.waits(at(-100'000)));
  owed.count_failure({at(20), "host"});
  CHECK(owed.not_before == at(40));
  CHECK(owed.is_given_up(kTwoAttempts, at(40)));
  CHECK(owed_at(0).is_given_up(kTwoAttempts, at(601)));
}

TEST_CASE("it is stored and read whole; what was stored wrongly is an error, or bounded") {
  OwedCallback owed = owed_at(5);
  CHECK(ok(owed_callback_from(to_stored(owed))) == owed);
  owed.count_failure({at(6), "host"});
  const OwedCallback again = ok(owed_callback_from(to_stored(owed)));
  CHECK(again.transition == owed.transition);
  CHECK(again.claim == "");
  CHECK(again.failed == 1);
  CHECK(again.not_before == at(16));

  Value value = to_stored(owed_at(5));
  value.set("lease_ms", std::int64_t{1} << 60);
  value.set("attempts", -3);
  const OwedCallback bounded = ok(owed_callback_from(value));
  CHECK(bounded.lease == std::chrono::hours{24});
  CHECK(bounded.failed == 0);
  value.set("claimed_at", "soon");
  CHECK(code_of(owed_callback_from(value)) == ErrorCode::corrupt);
  CHECK(code_of(owed_callback_from(Value::object())) == ErrorCode::corrupt);
}

}  // namespace
}  // namespace rz::fallback
