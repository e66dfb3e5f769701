#include "rz/health/check_attempts.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <random>
#include <string>

#include "rz/health/judging/check_failure.h"
#include "rz/health/judging/latency.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::health {
namespace {

template <class Call>
CheckResult outcome_of(const Call& call) {
  CheckResult result;
  try {
    return call();
  } catch (const std::exception& error) {
    result.message = std::string("the check failed: ") + error.what();
  } catch (...) {
    result.message = "the check failed";
  }
  return result;
}

// What fails here fails again in the check itself, which says so.
void prepare(HealthCheck& check) {
  try {
    check.prepare();
  } catch (...) {
  }
}

double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

// One try, judged.
CheckResult attempt(const RegisteredCheck& registered, Clock& clock) {
  const HeldUp held_up;
  const auto begin = clock.monotonic();
  CheckResult result = outcome_of([&] { return registered.check->check(); });
  const auto took = std::chrono::duration_cast<Micros>(clock.monotonic() - begin);
  judge_timeout(result, registered.check->timeout(), held_up.so_far());
  map_result(result, registered.options);
  judge_latency(result, "", took, registered.options.latency, held_up.so_far());
  return result;
}

// The message is that of the check itself, and could be read as its contrary.
void invert(CheckResult& result) {
  if (result.status == HealthStatus::healthy) {
    result.status = HealthStatus::unhealthy;
    result.message = "expected to fail (invert), but: " + result.message;
  } else if (result.status == HealthStatus::unhealthy && result.failure &&
             !is_answer(*result.failure)) {
    result.status = HealthStatus::unknown;
    result.message = "no answer that could be inverted: " + result.message;
  } else if (result.status == HealthStatus::unhealthy) {
    result.status = HealthStatus::healthy;
    result.message = "fails, as expected (invert): " + result.message;
  }
}

}  // namespace

Millis retry_pause(Millis retry_delay, int retry, Millis longest) {
  longest = std::max(retry_delay, longest);
  Millis pause = retry_delay;
  for (int i = 1; i < retry && pause < longest; ++i) pause *= 2;
  pause = std::min(pause, longest);
  thread_local std::minstd_rand random{std::random_device{}()};
  return Millis{
      std::uniform_int_distribution<Millis::rep>((pause.count() + 1) / 2, pause.count())(random)};
}

void map_result(CheckResult& result, const CheckOptions& options) {
  if (options.invert) invert(result);
  const auto mapped = options.severity.find(result.status);
  if (mapped != options.severity.end()) result.status = mapped->second;
}

CheckResult call_until_good(const RegisteredCheck& registered, Clock& clock,
                            const std::function<bool(Millis)>& go_on) {
  const CheckOptions& options = registered.options;
  prepare(*registered.check);
  const TimePoint timestamp = clock.now();
  const auto begin = clock.monotonic();
  CheckResult result;
  for (int retry = 0; retry <= options.retries; ++retry) {
    if (retry > 0) {
      const Millis pause = retry_pause(options.retry_delay, retry);
      if (!go_on(pause)) break;
      clock.sleep_for(pause);
      prepare(*registered.check);
    }
    // The run may have ended meanwhile.
    if (!go_on(Millis{0})) break;
    result = attempt(registered, clock);
    if (retry > 0) result.metadata.set("attempts", retry + 1);
    // The store's own tries are over by now, and other checks wait to be told.
    if (result.store_outage) break;
    if (result.status != HealthStatus::healthy) continue;
    if (retry > 0) result.metadata.set("flaky", true);
    break;
  }
  // They are those of one try.
  if (result.metadata.find("attempts") == nullptr) {
    set_most(result.metadata, "latency_ms", options.latency);
  }
  result.name = registered.check->name();
  result.type = registered.check->type();
  result.timestamp = timestamp;
  result.latency_ms = milliseconds(clock.monotonic() - begin);
  return result;
}

CheckResult combine_results(const RegisteredCheck& registered,
                            const std::vector<const CheckResult*>& results, const Clock& clock) {
  CheckResult result = outcome_of([&] { return registered.check->combine(results); });
  map_result(result, registered.options);
  result.name = registered.check->name();
  result.type = registered.check->type();
  result.timestamp = clock.now();
  return result;
}

}  // namespace rz::health
