#include "rz/health/judging/grown_counts.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace rz::health {
namespace {

using std::chrono::seconds;

const TimePoint kRunAt{seconds{1'000}};

CheckResult grown(std::int64_t total, const std::string& counter = "a",
                  std::optional<Micros> age = seconds{5'000}) {
  CheckResult result;
  result.status = HealthStatus::healthy;
  result.message = "PONG";
  result.timestamp = kRunAt;
  result.growing = GrowingCount{.name = "evicted_keys",
                                .before = "it has evicted",
                                .after = "keys",
                                .total = total,
                                .counter = counter,
                                .age = age,
                                .warning = 1,
                                .critical = 100};
  return result;
}

CheckResult judged(CheckResult result, std::optional<CountSeen> last,
                   const CheckOptions& options = {}) {
  judge_growth(result, last, options);
  CHECK(!result.growing);
  return result;
}

CountSeen seen_before(std::int64_t total, const std::string& counter = "a") {
  return {total, counter, kRunAt - seconds{60}};
}

TEST_CASE("what has grown since the last run is held against the limits") {
  const auto same = judged(grown(7), seen_before(7));
  CHECK(same.status == HealthStatus::healthy);
  CHECK(same.message == "PONG");
  CHECK(*same.metadata.find("evicted_keys_since_last_run") == Value(0));
  const Value& limits = *same.metadata.find("limits")->find("evicted_keys_since_last_run");
  CHECK(*limits.find("warning") == Value(1.0));
  CHECK(*limits.find("critical") == Value(100.0));

  const auto more = judged(grown(19), seen_before(7));
  CHECK(more.status == HealthStatus::degraded);
  CHECK(more.message == "it has evicted 12 keys since its last run here, 1m ago (warning from 1)");
  CHECK(*more.metadata.find("evicted_keys_since_last_run") == Value(12));

  const auto many = judged(grown(107), seen_before(7));
  CHECK(many.status == HealthStatus::unhealthy);
  CHECK(many.message ==
        "it has evicted 100 keys since its last run here, 1m ago (critical from 100)");
}

TEST_CASE("what nobody can know is unknown, unless there is nothing") {
  CHECK(judged(grown(0), {}).status == HealthStatus::healthy);
  const auto first = judged(grown(3), {});
  CHECK(first.status == HealthStatus::unknown);
  CHECK(first.message ==
        "it has evicted 3 keys, and how many of them since its last run here is not known yet");
  CHECK(first.metadata.find("evicted_keys_since_last_run") == nullptr);
  // Another server answers, and counts since before the last run, or does not say since when.
  CHECK(judged(grown(3, "b"), seen_before(3)).status == HealthStatus::unknown);
  CHECK(judged(grown(3, "b", {}), seen_before(3)).status == HealthStatus::unknown);
  CHECK(judged(grown(3, "b", seconds{60}), seen_before(3)).status == HealthStatus::unknown);
}

TEST_CASE("a counter that began anew has counted since the last run") {
  const auto again = judged(grown(3, "b", seconds{59}), seen_before(1'000));
  CHECK(again.status == HealthStatus::degraded);
  CHECK(*again.metadata.find("evicted_keys_since_last_run") == Value(3));
  // CONFIG RESETSTAT.
  const auto reset = judged(grown(3), seen_before(1'000));
  CHECK(*reset.metadata.find("evicted_keys_since_last_run") == Value(3));
}

TEST_CASE("what was found beside it stays, and its severity may be another") {
  CheckResult worse = grown(8);
  worse.status = HealthStatus::unhealthy;
  worse.message = "it cannot be written to";
  const auto both = judged(worse, seen_before(7));
  CHECK(both.status == HealthStatus::unhealthy);
  CHECK(both.message.starts_with("it cannot be written to; it has evicted 1 keys since "));
  CheckOptions options;
  options.severity = {{HealthStatus::unknown, HealthStatus::healthy}};
  const auto mapped = judged(grown(3), {}, options);
  CHECK(mapped.status == HealthStatus::healthy);
  CHECK(mapped.message.starts_with("it has evicted 3 keys"));
}

TEST_CASE("what was seen comes back from the store, and nothing of what is damaged") {
  const CountSeen now = seen(grown(7));
  CHECK(now == CountSeen{7, "a", kRunAt});
  CHECK(count_seen_from(to_stored(now)) == now);
  CHECK(!count_seen_from(Value::object()));
  CHECK(!count_seen_from(Value("x")));
  CHECK(!count_seen_from(Value::object({{"total", "x"}, {"at", "2026-01-02T03:04:05Z"}})));
  CHECK(!count_seen_from(Value::object({{"total", 1}, {"at", "now"}})));
}

}  // namespace
}  // namespace rz::health
