#include "rz/health/circuit_breaker.h"

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/health/stored_record.h"
#include "rz/storage/glob.h"

namespace rz {
namespace {

using Phase = BreakerState::Phase;

constexpr std::string_view kPrefix = "health:breaker:";

Value encode(const BreakerState& state) {
  return Value::object({{"state", to_string(state.phase)},
                        {"consecutive_failures", state.consecutive_failures},
                        {"consecutive_successes", state.consecutive_successes},
                        {"failures_total", state.failures_total},
                        {"successes_total", state.successes_total},
                        {"trips_total", state.trips_total},
                        {"changed", format_timestamp(state.changed)}});
}

Result<BreakerState> decode(const std::string& name, const Value& record) {
  BreakerState state;
  state.name = name;
  const std::string phase = text_or(record, "state");
  if (phase == "OPEN") {
    state.phase = Phase::open;
  } else if (phase == "HALF_OPEN") {
    state.phase = Phase::half_open;
  } else if (phase != "CLOSED") {
    return fail(ErrorCode::corrupt, "the stored breaker has no state; remove the key to start anew",
                printable(std::string(kPrefix) + name));
  }
  state.consecutive_failures = integer_or(record, "consecutive_failures");
  state.consecutive_successes = integer_or(record, "consecutive_successes");
  state.failures_total = integer_or(record, "failures_total");
  state.successes_total = integer_or(record, "successes_total");
  state.trips_total = integer_or(record, "trips_total");
  state.changed = parse_timestamp(text_or(record, "changed")).value_or(TimePoint{});
  return state;
}

void enter(BreakerState& state, Phase phase, TimePoint now) {
  state.phase = phase;
  state.changed = now;
  state.consecutive_failures = 0;
  state.consecutive_successes = 0;
  if (phase == Phase::open) ++state.trips_total;
}

}  // namespace

const char* to_string(Phase phase) {
  switch (phase) {
    case Phase::closed: return "CLOSED";
    case Phase::open: return "OPEN";
    case Phase::half_open: return "HALF_OPEN";
  }
  return "CLOSED";
}

double BreakerState::open_duration_seconds(TimePoint now) const {
  if (phase != Phase::open || now < changed) return 0;
  return std::chrono::duration<double>(now - changed).count();
}

CircuitBreaker::CircuitBreaker(std::string name, Storage& storage, BreakerOptions options,
                               Clock& clock)
    : name_(std::move(name)), storage_(storage), options_(options), clock_(clock) {}

Result<BreakerState> CircuitBreaker::record_success() { return record(true); }
Result<BreakerState> CircuitBreaker::record_failure() { return record(false); }

BreakerState CircuitBreaker::at(TimePoint now, BreakerState state) const {
  if (state.phase == Phase::open && now - state.changed >= options_.recovery_timeout) {
    enter(state, Phase::half_open, state.changed + options_.recovery_timeout);
  }
  return state;
}

Result<BreakerState> CircuitBreaker::record(bool success) {
  BreakerState state;
  const auto change = [&](const std::optional<Value>& before) -> Result<Value> {
    const TimePoint now = clock_.now();
    if (before) {
      auto decoded = decode(name_, *before);
      if (!decoded) return fail(std::move(decoded).error());
      state = at(now, std::move(*decoded));
    } else {
      state = BreakerState{};
      state.name = name_;
      state.changed = now;
    }
    if (success) {
      ++state.successes_total;
      state.consecutive_failures = 0;
      if (state.phase == Phase::half_open &&
          ++state.consecutive_successes >= options_.success_threshold) {
        enter(state, Phase::closed, now);
      }
    } else {
      ++state.failures_total;
      ++state.consecutive_failures;
      const bool trips = state.phase == Phase::half_open ||
                         (state.phase == Phase::closed &&
                          state.consecutive_failures >= options_.failure_threshold);
      if (trips) {
        const std::int64_t failures = state.consecutive_failures;
        enter(state, Phase::open, now);
        state.consecutive_failures = failures;
      }
    }
    return encode(state);
  };
  const auto written = update_record(storage_, std::string(kPrefix) + name_, change);
  if (!written) return fail(written.error());
  return state;
}

Result<std::optional<BreakerState>> CircuitBreaker::state() const {
  const auto record = read_record(storage_, std::string(kPrefix) + name_);
  if (!record) return fail(record.error());
  if (!*record) return std::optional<BreakerState>{};
  auto state = decode(name_, **record);
  if (!state) return fail(std::move(state).error());
  return std::optional<BreakerState>(at(clock_.now(), std::move(*state)));
}

Result<bool> CircuitBreaker::allows_call() const {
  const auto now = state();
  if (!now) return fail(now.error());
  return !*now || (*now)->phase != Phase::open;
}

Result<std::vector<std::string>> CircuitBreaker::list(Storage& storage) {
  auto keys = scan_all_keys(storage, glob_escape(kPrefix) + "*");
  if (!keys) return keys;
  for (std::string& key : *keys) key.erase(0, kPrefix.size());
  return keys;
}

}  // namespace rz
