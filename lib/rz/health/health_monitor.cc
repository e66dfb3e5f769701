#include "rz/health/health_monitor.h"

#include <algorithm>
#include <map>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/health/circuit_breaker.h"
#include "rz/health/component_registry.h"
#include "rz/health/judging/held_results.h"
#include "rz/health/retry_tracker.h"
#include "rz/health/started_at.h"
#include "rz/storage/memory_storage.h"

namespace rz {
namespace {

const char* component_status(HealthStatus status) {
  switch (status) {
    case HealthStatus::healthy: return "healthy";
    case HealthStatus::degraded: return "degraded";
    case HealthStatus::unhealthy: return "failed";
    case HealthStatus::unknown: return "unknown";
  }
  return "unknown";
}

// A damaged record is reported and counts as missing; the others still count.
template <class T>
Result<T> default_if_corrupt(Result<T> read, std::vector<Error>& unreadable) {
  if (read || read.error().code != ErrorCode::corrupt) return read;
  unreadable.push_back(std::move(read).error());
  return T{};
}

// The state shows one breaker, the worst: OPEN before HALF_OPEN before CLOSED.
int badness(BreakerState::Phase phase) {
  switch (phase) {
    case BreakerState::Phase::open: return 2;
    case BreakerState::Phase::half_open: return 1;
    case BreakerState::Phase::closed: return 0;
  }
  return 0;
}

}  // namespace

HealthMonitor::HealthMonitor(HealthOptions options, Clock& clock, MetricsSink* sink,
                             std::function<ResourceUsage()> resources)
    : options_(std::move(options)),
      clock_(clock),
      sink_(sink),
      resources_(std::move(resources)),
      runner_(clock) {}

void HealthMonitor::register_check(std::shared_ptr<HealthCheck> check, CheckOptions options) {
  std::lock_guard lock(mutex_);
  for (RegisteredCheck& known : checks_) {
    if (known.check->name() != check->name()) continue;
    known = {std::move(check), std::move(options)};
    return;
  }
  checks_.push_back({std::move(check), std::move(options)});
}

bool HealthMonitor::unregister_check(std::string_view name) {
  std::lock_guard lock(mutex_);
  return std::erase_if(checks_, [&](const RegisteredCheck& known) {
           return known.check->name() == name;
         }) > 0;
}

std::vector<RegisteredCheck> HealthMonitor::checks() const {
  std::lock_guard lock(mutex_);
  return checks_;
}

int HealthMonitor::abandoned() const {
  std::lock_guard lock(mutex_);
  return abandoned_;
}

Result<CheckReport> HealthMonitor::run_checks(const RunBounds& bounds) {
  // A copy, so that checks can be registered during a run without changing it.
  const auto registered = checks();
  // Checks are registered one by one, so their dependencies can be validated only now.
  if (auto valid = validate_dependencies(registered); !valid) return fail(std::move(valid).error());
  CheckReport report =
      runner_.run(registered, {.timeout = bounds.timeout.value_or(options_.timeout),
                               .concurrency = options_.concurrency,
                               .stop = bounds.stop});
  {
    std::lock_guard lock(mutex_);
    abandoned_ = report.abandoned;
  }
  if (report.stopped) return report;
  if (after_run_) after_run_(report);
  health::doubt_growth(report);
  if (sink_ != nullptr) {
    for (const CheckResult& result : report.results) {
      sink_->emit_health_check(result.name, to_string(result.status), result.latency_ms,
                               result.message);
    }
    sink_->emit("health_check_duration_seconds", report.duration_ms / 1000);
  }
  return report;
}

Result<HealthState> HealthMonitor::comprehensive_state(Storage& storage) {
  const auto report = run_checks();
  if (!report) return fail(report.error());
  return comprehensive_state(storage, *report);
}

Result<HealthState> HealthMonitor::comprehensive_state(Storage& storage,
                                                       const CheckReport& report) {
  // A check has already waited for the store in vain; waiting again would only take time.
  if (report.store_outage) return fail(*report.store_outage);
  return read_state(storage, report);
}

ReadSet HealthMonitor::read_set() const {
  ReadSet what;
  what.keys = RetryTracker::keys_to_read(clock_.now(), options_.failure_window);
  // A run may go on into the next minute, whose failures are counted apart.
  for (std::string& key : RetryTracker::keys_to_read(clock_.now() + std::chrono::minutes{1},
                                                     options_.failure_window)) {
    const bool known = std::find(what.keys.begin(), what.keys.end(), key) != what.keys.end();
    if (!known) what.keys.push_back(std::move(key));
  }
  what.keys.emplace_back(health::kStartedKey);
  what.collections = {std::string(kComponents), std::string(kBreakers)};
  return what;
}

Result<HealthState> HealthMonitor::read_state(Storage& storage, const CheckReport& report) {
  HealthState state;
  auto components = ComponentRegistry(storage, clock_).list(state.unreadable);
  if (!components) return fail(std::move(components).error());
  auto breaker = breaker_state(storage, state.unreadable);
  if (!breaker) return fail(std::move(breaker).error());
  auto retry = default_if_corrupt(RetryTracker(storage, clock_, options_.failure_window).state(),
                                  state.unreadable);
  if (!retry) return fail(std::move(retry).error());
  const auto uptime = default_if_corrupt(uptime_seconds(storage), state.unreadable);
  if (!uptime) return fail(uptime.error());

  state.timestamp = clock_.now();
  for (ComponentHealth& component : *components) {
    component = as_of(std::move(component), state.timestamp);
  }
  state.system = system_health(*components, report);
  state.circuit_breaker = std::move(*breaker);
  state.retry = std::move(*retry);
  state.resources = judge_resources(resources_(), options_.resources);
  state.components = std::move(*components);
  state.health_checks = report.results;
  state.uptime_seconds = *uptime;
  state.complete = state.unreadable.empty();
  state.void_because = report.void_because;
  return state;
}

Result<HealthState> HealthMonitor::state_without_store(const CheckReport& report) {
  // From an empty store every part gets its default, as if nothing had been stored.
  storage::MemoryStorage nothing(clock_);
  auto state = read_state(nothing, report);
  if (state) state->complete = false;
  return state;
}

Result<HealthState::CircuitBreaker> HealthMonitor::breaker_state(Storage& storage,
                                                                 std::vector<Error>& unreadable) {
  const auto breakers = CircuitBreaker::read_all(storage, options_.breaker, clock_, unreadable);
  if (!breakers) return fail(breakers.error());
  std::optional<BreakerState> shown;
  HealthState::CircuitBreaker total;
  for (const BreakerState& state : *breakers) {
    total.failures_total += state.failures_total;
    total.successes_total += state.successes_total;
    total.trips_total += state.trips_total;
    if (!shown || badness(state.phase) > badness(shown->phase)) shown = state;
  }
  if (!shown) return total;
  total.available = true;
  total.state = to_string(shown->phase);
  total.open_duration_seconds = shown->open_duration_seconds(clock_.now());
  total.consecutive_failures = shown->consecutive_failures;
  return total;
}

// A command runs for milliseconds, so its own uptime means nothing. This is the uptime of the
// system that the store watches over: the time since it was first looked at.
Result<double> HealthMonitor::uptime_seconds(Storage& storage) {
  const TimePoint now = clock_.now();
  const auto started = storage.get(health::kStartedKey);
  if (!started) return fail(started.error());
  const auto since = *started ? health::parse_started(**started) : Result<TimePoint>(now);
  if (!since) return fail(since.error());
  // A start in the future was written by a clock that was ahead; it is set to now.
  if (!*started || *since > now) {
    Batch first;
    first.expect(std::string(health::kStartedKey), *started)
        .set(std::string(health::kStartedKey), format_timestamp(now));
    // If another process was first, its time differs by milliseconds, so losing the race does not
    // matter.
    if (auto written = storage.commit(first); !written) return fail(std::move(written).error());
    return 0;
  }
  return std::chrono::duration<double>(now - *since).count();
}

HealthState::System system_health(const std::vector<ComponentHealth>& components,
                                  const CheckReport& run) {
  struct Word {
    std::string status;
    std::string message;
  };
  // A component's own report and a check of the same name are counted apart, unless the check is
  // about those reports.
  enum class Source { report, check };
  std::map<std::pair<std::string, Source>, Word> words;
  for (const ComponentHealth& component : components) {
    words[{component.name, Source::report}] = {component.status, component.message};
  }
  for (std::size_t i = 0; i < run.checks.size(); ++i) {
    const RegisteredCheck& registered = run.checks[i];
    const CheckResult& result = run.results[i];
    if (!registered.options.counts) continue;
    // The check outranks the component's own report, since it also knows whether that is late.
    const Source source =
        registered.check->asks() == AskedParty::messenger ? Source::report : Source::check;
    const std::pair key{registered.check->component(), source};
    if (!result.uncounted.empty()) {
      // Its component's own report does not count either, while the check of that does not.
      words.erase(key);
    } else {
      words[key] = {component_status(result.status), result.message};
    }
  }

  HealthState::System system;
  system.total_components = static_cast<std::int64_t>(words.size());
  for (const auto& [key, word] : words) {
    const std::string& name = key.first;
    if (word.status == "healthy") {
      ++system.healthy_components;
      continue;
    }
    const bool bad = word.status == "degraded" || word.status == "failed";
    ++(word.status == "failed" ? system.failed_components
       : bad                   ? system.degraded_components
                               : system.unknown_components);
    // A stored status that rz does not know counts as unknown.
    system.problems.push_back({name, bad ? word.status : "unknown", word.message});
  }
  sort_problems(system.problems);
  system.status = system.failed_components > 0     ? "failed"
                  : system.degraded_components > 0 ? "degraded"
                  : system.healthy_components > 0  ? "healthy"
                                                   : "unknown";
  return system;
}

}  // namespace rz
