#include "rz/health/judging/held_results.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/json.h"
#include "rz/health/judging/status_history.h"

namespace rz::health {
namespace {

// Several runs of one host at once are rare, and what one of them loses is one result of many.
constexpr int kMaxHeldRaces = 5;

Result<Commit> hold_once(std::vector<CheckResult>& results,
                         const std::vector<RegisteredCheck>& checks, Storage& storage,
                         const std::string& collection) {
  const auto members = storage.read_collection(collection);
  if (!members) return fail(members.error());
  Batch batch;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    CheckResult& result = results[i];
    if (!keeps_history(checks[i].options) || result.status == HealthStatus::unknown) continue;
    // What did not count when it was found shall not count later either.
    if (!result.uncounted.empty()) continue;
    const std::string key = collection + result.name;
    const auto stored = std::find_if(members->begin(), members->end(),
                                     [&key](const KeyValue& member) { return member.key == key; });
    StatusHistory history;
    std::optional<std::string> before;
    if (stored != members->end()) {
      before = stored->value;
      // A damaged one begins anew: this result counts as it is.
      if (const auto value = parse_json(*before)) history = history_from(*value);
    }
    batch.expect(key, std::move(before));
    HeldStatus held = hold(history, result.status, checks[i].options);
    batch.set_member(collection, result.name, to_json(to_stored(history)), kHistoryLife);
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
                     [](const RegisteredCheck& check) { return keeps_history(check.options); });
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
