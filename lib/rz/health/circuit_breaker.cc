#include "rz/health/circuit_breaker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rz/base/json_members.h"
#include "rz/base/random_token.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/health/stored_record.h"

namespace rz {
namespace {

using Phase = BreakerState::Phase;

std::string breaker_key(std::string_view name) { return std::string(kBreakers).append(name); }

Value to_stored(const std::vector<BreakerState::Probe>& probes) {
  Value list = Value::array();
  for (const BreakerState::Probe& probe : probes) {
    list.push_back(
        Value::object({{"token", probe.token}, {"since", format_timestamp(probe.since)}}));
  }
  return list;
}

std::vector<BreakerState::Probe> decode_probes(const Value* list) {
  std::vector<BreakerState::Probe> probes;
  const Value::Array* entries = list ? list->as_array() : nullptr;
  if (entries == nullptr) return probes;
  for (const Value& entry : *entries) {
    // A probe without a readable time counts as expired.
    probes.push_back(
        {text_or(entry, "token"), parse_timestamp(text_or(entry, "since")).value_or(TimePoint{})});
  }
  return probes;
}

Value to_stored(const BreakerState& state) {
  return Value::object(
      {{"state", to_string(state.phase)},
       {"consecutive_failures", state.consecutive_failures},
       {"consecutive_successes", state.consecutive_successes},
       {"failures_total", state.failures_total},
       {"successes_total", state.successes_total},
       {"trips_total", state.trips_total},
       {"changed", format_timestamp(state.changed)},
       {"first_seen", state.first_seen ? Value(format_timestamp(*state.first_seen)) : Value()},
       {"probes", to_stored(state.probes)}});
}

Result<BreakerState> decode_breaker(const std::string& name, const Value& record) {
  BreakerState state;
  state.name = name;
  const std::string phase = text_or(record, "state");
  if (phase == "OPEN") {
    state.phase = Phase::open;
  } else if (phase == "HALF_OPEN") {
    state.phase = Phase::half_open;
  } else if (phase != "CLOSED") {
    return fail(ErrorCode::corrupt,
                "the stored breaker has no valid state; remove the key to start anew",
                printable(breaker_key(name)));
  }
  state.consecutive_failures = integer_or(record, "consecutive_failures");
  state.consecutive_successes = integer_or(record, "consecutive_successes");
  state.failures_total = integer_or(record, "failures_total");
  state.successes_total = integer_or(record, "successes_total");
  state.trips_total = integer_or(record, "trips_total");
  state.changed = parse_timestamp(text_or(record, "changed")).value_or(TimePoint{});
  // Nothing also where it cannot be read: then it is first seen now.
  const auto first_seen = parse_timestamp(text_or(record, "first_seen"));
  if (first_seen) state.first_seen = *first_seen;
  state.probes = decode_probes(record.find("probes"));
  return state;
}

void enter(BreakerState& state, Phase phase, TimePoint now) {
  state.phase = phase;
  state.changed = now;
  state.first_seen.reset();
  state.consecutive_failures = 0;
  state.consecutive_successes = 0;
  state.probes.clear();
  if (phase == Phase::open) ++state.trips_total;
}

// Whether it was written by a clock that is ahead of this one.
bool is_from_future(const BreakerState& state, TimePoint now) {
  return state.changed > now ||
         std::any_of(state.probes.begin(), state.probes.end(),
                     [now](const BreakerState::Probe& probe) { return probe.since > now; });
}

// `time` if it has come, else when it was first seen, as far as that is known.
TimePoint seen_from(TimePoint time, const BreakerState& state, TimePoint now) {
  if (time <= now) return time;
  return std::min(state.first_seen.value_or(now), now);
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

// A time from the future counts from when it was first seen: otherwise a clock that was once wrong
// would hold the breaker open, or a probe claimed, for as long as it was ahead.
BreakerState CircuitBreaker::at(TimePoint now, BreakerState state) const {
  for (BreakerState::Probe& probe : state.probes) probe.since = seen_from(probe.since, state, now);
  state.changed = seen_from(state.changed, state, now);
  if (state.phase == Phase::open && now - state.changed >= options_.recovery_timeout) {
    // It became half open when the timeout ended, not when somebody looked.
    enter(state, Phase::half_open, state.changed + options_.recovery_timeout);
  }
  std::erase_if(state.probes, [&](const BreakerState::Probe& probe) {
    return now - probe.since >= options_.recovery_timeout;
  });
  return state;
}

// Notes when a time from the future was first seen. The time itself stays: the clock that is wrong
// may be this one, and those that are right go by it. When what counts from then is over, it is
// over for everybody's clock, and that is stored, so that it does not begin again once the time
// comes. If a write fails, the next reader tries again.
void CircuitBreaker::settle_future_times() {
  const auto settle = [&](const std::optional<Value>& before) -> Result<Value> {
    if (!before) return fail(ErrorCode::not_found, "removed meanwhile");
    auto state = decode_breaker(name_, *before);
    if (!state) return fail(std::move(state).error());
    const TimePoint now = clock_.now();
    const BreakerState there = at(now, *state);
    if (there.phase != state->phase || there.probes.size() != state->probes.size()) {
      return to_stored(there);
    }
    state->first_seen = std::min(state->first_seen.value_or(now), now);
    return to_stored(*state);
  };
  static_cast<void>(health::update_record(storage_, kBreakers, name_, settle).has_value());
}

void CircuitBreaker::feed(BreakerState& state, bool success, TimePoint now) const {
  if (success) {
    ++state.successes_total;
    state.consecutive_failures = 0;
    if (state.phase == Phase::half_open &&
        ++state.consecutive_successes >= options_.success_threshold) {
      enter(state, Phase::closed, now);
    }
    return;
  }
  ++state.failures_total;
  ++state.consecutive_failures;
  const bool trips =
      state.phase == Phase::half_open ||
      (state.phase == Phase::closed && state.consecutive_failures >= options_.failure_threshold);
  if (!trips) return;
  // enter() resets the counters, but a report should tell how many failures opened the breaker.
  const std::int64_t failures = state.consecutive_failures;
  enter(state, Phase::open, now);
  state.consecutive_failures = failures;
}

Result<BreakerState> CircuitBreaker::record(bool success) {
  // Of several probes under way it does not matter whose token this is: each stands for one call.
  const auto claim = take_claim();
  BreakerState state;
  const auto change = [&](const std::optional<Value>& before) -> Result<Value> {
    const TimePoint now = clock_.now();
    BreakerState stored;
    state = BreakerState{};
    state.name = name_;
    state.changed = now;
    if (before) {
      auto decoded = decode_breaker(name_, *before);
      if (!decoded) return fail(std::move(decoded).error());
      stored = *decoded;
      state = at(now, std::move(*decoded));
    }
    if (claim) {
      std::erase_if(state.probes, [&](const auto& probe) { return probe.token == *claim; });
    }
    feed(state, success, now);
    BreakerState kept = state;
    // As it was, for those whose clocks are right: see settle_future_times().
    if (stored.phase == state.phase && stored.changed > now) {
      kept.changed = stored.changed;
      kept.first_seen = state.changed;
    }
    return to_stored(kept);
  };
  const auto written = health::update_record(storage_, kBreakers, name_, change);
  if (written) return state;
  // Nothing was recorded, so the caller may record the outcome again, with the same claim.
  if (claim) keep_claim(*claim);
  return fail(written.error());
}

Result<std::optional<BreakerState>> CircuitBreaker::state() {
  const auto record = health::read_record(storage_, breaker_key(name_));
  if (!record) return fail(record.error());
  if (!*record) return std::optional<BreakerState>{};
  auto state = decode_breaker(name_, **record);
  if (!state) return fail(std::move(state).error());
  return std::optional<BreakerState>(seen_now(std::move(*state)));
}

BreakerState CircuitBreaker::seen_now(BreakerState stored) {
  const TimePoint now = clock_.now();
  BreakerState there = at(now, stored);
  const bool noted = stored.first_seen && *stored.first_seen <= now;
  const bool over = there.phase != stored.phase || there.probes.size() != stored.probes.size();
  if (is_from_future(stored, now) && (!noted || over)) settle_future_times();
  return there;
}

Result<bool> CircuitBreaker::allows_call() {
  // A breaker is closed or open most of the time, and then nothing has to be written.
  const auto seen = state();
  if (!seen) return fail(seen.error());
  if (!*seen) return true;
  if ((*seen)->phase != Phase::half_open) return (*seen)->phase == Phase::closed;

  // Ends the update without a write if there is nothing to claim: an error from the change ends it.
  std::optional<bool> answer;
  const auto settle = [&](bool allowed) -> Result<Value> {
    answer = allowed;
    return fail(ErrorCode::conflict, "settled");
  };
  const std::string token = random_token();
  const auto claim = [&](const std::optional<Value>& before) -> Result<Value> {
    if (!before) return settle(true);
    auto decoded = decode_breaker(name_, *before);
    if (!decoded) return fail(std::move(decoded).error());
    const TimePoint now = clock_.now();
    BreakerState state = at(now, std::move(*decoded));
    if (state.phase != Phase::half_open) return settle(state.phase == Phase::closed);
    if (state.probes.size() >= static_cast<std::size_t>(options_.probes)) return settle(false);
    state.probes.push_back({token, now});
    return to_stored(state);
  };
  const auto written = health::update_record(storage_, kBreakers, name_, claim);
  if (answer) return *answer;
  if (!written) return fail(written.error());
  keep_claim(token);
  return true;
}

std::optional<std::string> CircuitBreaker::take_claim() {
  const std::lock_guard lock(mutex_);
  if (claims_.empty()) return std::nullopt;
  std::string token = std::move(claims_.back());
  claims_.pop_back();
  return token;
}

void CircuitBreaker::keep_claim(std::string token) {
  const std::lock_guard lock(mutex_);
  claims_.push_back(std::move(token));
}

Result<bool> CircuitBreaker::remove(Storage& storage, std::string_view name) {
  return storage.remove(breaker_key(name));
}

Result<std::vector<BreakerState>> CircuitBreaker::read_all(Storage& storage,
                                                           const BreakerOptions& options,
                                                           Clock& clock,
                                                           std::vector<Error>& unreadable) {
  const auto records = health::read_records(storage, kBreakers, unreadable);
  if (!records) return fail(records.error());
  std::vector<BreakerState> states;
  for (const auto& [name, record] : *records) {
    auto stored = decode_breaker(name, record);
    if (stored) {
      states.push_back(CircuitBreaker(name, storage, options, clock).seen_now(std::move(*stored)));
    } else {
      unreadable.push_back(std::move(stored).error());
    }
  }
  return states;
}

Result<std::vector<std::string>> CircuitBreaker::list(Storage& storage) {
  const auto members = storage.read_collection(kBreakers);
  if (!members) return fail(members.error());
  std::vector<std::string> names;
  for (const KeyValue& member : *members) names.push_back(member.key.substr(kBreakers.size()));
  return names;
}

}  // namespace rz
