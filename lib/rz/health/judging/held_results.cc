#include "rz/health/judging/held_results.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/json.h"
#include "rz/health/judging/grown_counts.h"
#include "rz/health/judging/status_history.h"

namespace rz::health {
namespace {

// Several runs of one host at once are rare, and what one of them loses is one result of many.
constexpr int kMaxHeldRaces = 5;

/// What the store has of a check.
struct Kept {
  StatusHistory history{};
  std::optional<CountSeen> count{};
};

Kept kept_from(std::string_view stored) {
  const auto value = parse_json(stored);
  if (!value) return {};
  Kept kept{history_from(*value), {}};
  if (const Value* count = value->find("count")) kept.count = count_seen_from(*count);
  return kept;
}

Value to_stored(const Kept& kept) {
  Value value = to_stored(kept.history);
  if (kept.count) value.set("count", to_stored(*kept.count));
  return value;
}

Result<Commit> hold_once(std::vector<CheckResult>& results,
                         const std::vector<RegisteredCheck>& checks, Storage& storage,
                         const std::string& collection) {
  const auto members = storage.read_collection(collection);
  if (!members) return fail(members.error());
  Batch batch;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    CheckResult& result = results[i];
    const std::optional<CountSeen> now =
        result.growing ? std::optional(seen(result)) : std::nullopt;
    if (!keeps_history(checks[i].options) && !now) continue;
    const std::string key = collection + result.name;
    const auto stored = std::find_if(members->begin(), members->end(),
                                     [&key](const KeyValue& member) { return member.key == key; });
    // A damaged one begins anew: this result counts as it is.
    const Kept last = stored == members->end() ? Kept{} : kept_from(stored->value);
    Kept kept = last;
    if (now) {
      judge_growth(result, last.count, checks[i].options);
      kept.count = now;
    }
    HeldStatus held;
    // What did not count when it was found shall not count later either.
    const bool held_back = keeps_history(checks[i].options) &&
                           result.status != HealthStatus::unknown && result.uncounted.empty();
    if (held_back) held = hold(kept.history, result.status, checks[i].options);
    if (!held_back && !now) continue;
    batch.expect(key, stored == members->end() ? std::nullopt : std::optional(stored->value));
    batch.set_member(collection, result.name, to_json(to_stored(kept)), kHistoryLife);
    if (held.why.empty()) continue;
    result.metadata.set("held_from", to_string(result.status));
    result.status = held.status;
    result.message = result.message.empty() ? held.why : held.why + " (" + result.message + ")";
  }
  if (batch.writes.empty()) return Commit::done;
  return storage.commit(batch);
}

}  // namespace

bool any_keeps_history(const CheckReport& report) {
  return std::any_of(report.checks.begin(), report.checks.end(),
                     [](const RegisteredCheck& check) { return keeps_history(check.options); }) ||
         std::any_of(report.results.begin(), report.results.end(),
                     [](const CheckResult& result) { return result.growing.has_value(); });
}

void doubt_growth(CheckReport& report) {
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    CheckResult& result = report.results[i];
    if (result.growing) judge_growth(result, std::nullopt, report.checks[i].options);
  }
}

Result<void> hold_results(CheckReport& report, Storage& storage, std::string_view host) {
  const std::string collection = std::string(kHistories).append(host).append(":");
  for (int round = 0; round < kMaxHeldRaces; ++round) {
    std::vector<CheckResult> results = report.results;
    const auto done = hold_once(results, report.checks, storage, collection);
    if (!done) return fail(done.error());
    if (*done != Commit::done && round + 1 < kMaxHeldRaces) continue;
    report.results = std::move(results);
    return {};
  }
  return {};
}

}  // namespace rz::health
