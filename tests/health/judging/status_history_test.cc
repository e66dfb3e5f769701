#include "rz/health/judging/status_history.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "support/results.h"

namespace rz::health {
namespace {

std::vector<HealthStatus> reported(const std::vector<HealthStatus>& found,
                                   const CheckOptions& options) {
  StatusHistory history;
  std::vector<HealthStatus> answers;
  for (const HealthStatus status : found) {
    answers.push_back(hold(history, status, options).status);
    // As from a store.
    history = history_from(to_stored(history));
  }
  return answers;
}

/// The rule, told by looking at every result from the first one on, with nothing remembered but
/// what was reported.
std::vector<HealthStatus> reported_slowly(const std::vector<HealthStatus>& all,
                                          const CheckOptions& options) {
  using enum HealthStatus;
  std::vector<HealthStatus> found;
  std::vector<HealthStatus> answers;
  HealthStatus last = unknown;
  for (const HealthStatus status : all) {
    if (status == unknown) {
      answers.push_back(unknown);
      continue;
    }
    found.push_back(status);
    int bad_row = 0;
    int good_row = 0;
    int bad_within = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const bool bad = found[i] != healthy;
      bad_row = bad ? bad_row + 1 : 0;
      good_row = bad ? 0 : good_row + 1;
      const bool near = options.fail_within &&
                        i + static_cast<std::size_t>(options.fail_within->results) >= found.size();
      if (bad && near) ++bad_within;
    }
    const bool many = options.fail_within && bad_within >= options.fail_within->failures;
    const bool down = options.fail_within ? many : bad_row >= options.fail_after;
    const bool up = good_row >= options.pass_after && !many;
    if (last == unknown) {
      last = status;
    } else if (last == healthy) {
      last = status == healthy || !down ? healthy : status;
    } else if (status != healthy || up) {
      last = status;
    }
    answers.push_back(last);
  }
  return answers;
}

}  // namespace

TEST_CASE("without options every result is reported as it is found") {
  using enum HealthStatus;
  CheckOptions options;
  CHECK_FALSE(keeps_history(options));
  const std::vector<HealthStatus> found = {healthy, unhealthy, healthy, degraded, unknown, healthy};
  CHECK(reported(found, options) == found);
}

TEST_CASE("a healthy check is bad after so many bad results in a row") {
  using enum HealthStatus;
  CheckOptions options;
  options.fail_after = 3;
  CHECK(keeps_history(options));
  StatusHistory history;
  CHECK(hold(history, healthy, options).why.empty());
  const HeldStatus first = hold(history, unhealthy, options);
  CHECK(first.status == healthy);
  CHECK(first.why == "unhealthy 1 of 3: still healthy");
  CHECK(hold(history, degraded, options).why == "degraded 2 of 3: still healthy");
  // What could not be told interrupts nothing, and stands for itself.
  CHECK(hold(history, unknown, options).status == unknown);
  CHECK(hold(history, unhealthy, options).status == unhealthy);
  CHECK(hold(history, degraded, options).status == degraded);
  CHECK(hold(history, healthy, options).status == healthy);
}

TEST_CASE("the first result counts as it is: nothing says that it was healthy before") {
  using enum HealthStatus;
  CheckOptions options;
  options.fail_after = 3;
  StatusHistory history;
  CHECK(hold(history, unhealthy, options).status == unhealthy);
}

TEST_CASE("a bad check is healthy after so many healthy results in a row") {
  using enum HealthStatus;
  CheckOptions options;
  options.pass_after = 2;
  StatusHistory history;
  hold(history, unhealthy, options);
  const HeldStatus held = hold(history, healthy, options);
  CHECK(held.status == unhealthy);
  CHECK(held.why == "healthy 1 of 2: still unhealthy");
  CHECK(hold(history, degraded, options).status == degraded);
  CHECK(hold(history, healthy, options).status == degraded);
  CHECK(hold(history, healthy, options).status == healthy);
}

TEST_CASE("so many of the last results") {
  using enum HealthStatus;
  CheckOptions options;
  options.fail_within = FailWithin{3, 5};
  CHECK(keeps_history(options));
  StatusHistory history;
  for (const HealthStatus each : {healthy, unhealthy, healthy}) hold(history, each, options);
  CHECK(hold(history, unhealthy, options).why ==
        "unhealthy, 2 of the last 5 not healthy, 3 make it count: still healthy");
  CHECK(hold(history, unhealthy, options).status == unhealthy);
  CHECK(hold(history, healthy, options).why == "healthy, but 3 of the last 5 not: still unhealthy");
  CHECK(hold(history, healthy, options).status == healthy);
}

TEST_CASE("whatever is found, the ring answers as the whole history does") {
  using enum HealthStatus;
  const bool held = rc::check([] {
    CheckOptions options;
    options.fail_after = *rc::gen::inRange(1, 6);
    options.pass_after = *rc::gen::inRange(1, 6);
    if (*rc::gen::arbitrary<bool>()) {
      const int results = *rc::gen::inRange(1, kMaxInARow + 1);
      options.fail_within = FailWithin{*rc::gen::inRange(1, results + 1), results};
    }
    const auto found = *rc::gen::container<std::vector<HealthStatus>>(
        rc::gen::element(healthy, healthy, degraded, unhealthy, unhealthy, unknown));
    RC_ASSERT(reported(found, options) == reported_slowly(found, options));
  });
  CHECK(held);
}

TEST_CASE("longer than the ring") {
  using enum HealthStatus;
  CheckOptions options;
  options.fail_within = FailWithin{kMaxInARow, kMaxInARow};
  options.pass_after = kMaxInARow;
  std::vector<HealthStatus> found = {healthy};
  found.insert(found.end(), 2 * kMaxInARow, unhealthy);
  found.insert(found.end(), 2 * kMaxInARow, healthy);
  CHECK(reported(found, options) == reported_slowly(found, options));
}

TEST_CASE("what cannot be read is no history") {
  for (const char* recent : {"", "hhx"}) {
    const Value stored = Value::object({{"recent", recent}, {"reported", "sick"}});
    CHECK(history_from(stored) == StatusHistory{});
  }
  CHECK(history_from(Value(7)) == StatusHistory{});
  CHECK(history_from(Value::object({{"recent", std::string(51, 'h')}, {"reported", "healthy"}})) ==
        StatusHistory{});
  CHECK(history_from(Value::object({{"recent", "hu"}, {"reported", "unknown"}})) ==
        StatusHistory{});
}

TEST_CASE("so many of so many is read from a text") {
  CHECK(ok(parse_fail_within("3 of 5")) == FailWithin{3, 5});
  CHECK(ok(parse_fail_within(" 1  of  1 ")) == FailWithin{1, 1});
  for (const char* text : {"", "3", "3 of", "of 5", "0 of 5", "6 of 5", "3 of 51", "-1 of 5",
                           "3 of 5 of 7", "3of5", "3.5 of 5"}) {
    CAPTURE(text);
    CHECK(message_of(parse_fail_within(text)) ==
          "expected a text like '3 of 5', with numbers from 1 to 50");
  }
}

}  // namespace rz::health
