#include "rz/runtime/history_audit.h"

#include <algorithm>
#include <utility>

#include "rz/base/try.h"
#include "rz/health/started_at.h"
#include "rz/history/auditor.h"
#include "rz/runtime/history.h"

namespace rz::runtime {
namespace {

using fallback::TransitionQuery;
using history::KnownMode;

// What cannot be read tells nothing; who audits the window is told of it there.
void pass_over(const std::string&, const Error&) {}

bool tells_the_mode(const Transition& record) { return record.trigger != trigger::kOffline; }

/// Puts together what the records before a time tell, which come newest first: the mode and the
/// epoch at that time, and what led to that mode.
class Recollection {
 public:
  /// False: no earlier record is needed.
  bool add(const Transition& record) {
    if (!tells_the_mode(record)) return true;
    if (!known_) known_ = KnownMode{record.timestamp, record.to, std::nullopt, {}};
    find_epoch(record);
    find_beginning(record);
    return (!epoch_found_ || !beginning_found_) && ++records_ < kMostRecords;
  }

  std::optional<KnownMode> finish() {
    if (known_) std::reverse(known_->records.begin(), known_->records.end());
    return std::move(known_);
  }

 private:
  // Pins have no epoch, and a system that flaps between heuristic and safe does not leave them, so
  // both are looked for behind other records; not for ever.
  static constexpr int kMostRecords = 1'000;

  void find_epoch(const Transition& record) {
    if (epoch_found_) return;
    known_->epoch = record.epoch;
    if (record.trigger == trigger::kForgotten) known_->epoch = record.epoch.value_or(0);
    epoch_found_ = known_->epoch || record.changes_mode();
  }

  void find_beginning(const Transition& record) {
    if (beginning_found_) return;
    // What was put back after a loss has left the mode that the emptied store showed.
    const bool changed = record.changes_mode() && record.trigger != trigger::kRestored;
    const bool is_degraded = known_->mode != Mode::primary;
    // It ended an earlier episode, and records are missing between the two.
    beginning_found_ = is_degraded && record.to == Mode::primary;
    if (beginning_found_) return;
    known_->records.push_back(record);
    beginning_found_ = changed && (!is_degraded || record.from == Mode::primary);
  }

  std::optional<KnownMode> known_{};
  bool epoch_found_ = false;
  bool beginning_found_ = false;
  int records_ = 0;
};

Result<std::optional<KnownMode>> last_before(fallback::TransitionLog& log, TimePoint from) {
  Recollection recollection;
  TransitionQuery query;
  query.until = from;
  query.newest_first = true;
  TRY(log.visit(
      query, [&](const Transition& record) { return recollection.add(record); }, pass_over));
  return recollection.finish();
}

Result<std::optional<Transition>> first_after(fallback::TransitionLog& log, TimePoint from) {
  std::optional<Transition> first;
  TransitionQuery query;
  query.since = from;
  TRY(log.visit(
      query,
      [&](const Transition& record) {
        if (tells_the_mode(record)) first = record;
        return !first.has_value();
      },
      pass_over));
  return first;
}

// Before the first transition of a store the mode was that which it left. Another host's clock may
// have put the transition before the evaluation.
Result<std::optional<KnownMode>> since_first_evaluation(Storage& storage, Mode mode,
                                                        TimePoint latest) {
  TRY_ASSIGN(const auto started, health::started_at(storage));
  if (!started) return std::optional<KnownMode>{};
  return std::optional(KnownMode{std::min(*started, latest), mode, 0, {}});
}

}  // namespace

Result<std::optional<KnownMode>> mode_known_at(fallback::ModeStore& store, TimePoint from) {
  TRY_ASSIGN(auto known, last_before(store.log(), from));
  if (known) return known;
  TRY_ASSIGN(const auto first, first_after(store.log(), from));
  if (first) {
    const bool is_first_ever = first->epoch == 1 && first->trigger != trigger::kRestored;
    if (!is_first_ever) return known;
    return since_first_evaluation(store.storage(), first->from, first->timestamp);
  }
  TRY_ASSIGN(const auto there, store.read());
  if (there.state.epoch > 0) {
    return std::optional(KnownMode{there.state.since, there.state.mode, there.state.epoch, {}});
  }
  return since_first_evaluation(store.storage(), there.state.mode, TimePoint::max());
}

Result<TimePoint> time_of_history(Runtime& runtime) {
  TRY_ASSIGN(const auto store, mode_of_history(runtime));
  const fallback::SharedTime shared = store.shared_time(runtime.clock().now());
  if (!shared.warning.empty()) runtime.notices().warn(shared.warning);
  return shared.now;
}

Result<HistoryAudit> audit_history(
    Runtime& runtime, const history::AuditQuestion& question, TimePoint now,
    const std::function<void(const std::string&, const Error&)>& on_unreadable) {
  TRY_ASSIGN(History opened, open_history(runtime));
  TRY_ASSIGN(fallback::ModeStore store, mode_of_history(runtime));
  HistoryAudit found;
  found.whole = opened.whole;
  const TimePoint from = history::read_from(question);
  TRY_ASSIGN(const auto known, mode_known_at(store, from));
  history::Auditor auditor(question);
  if (known) auditor.know(*known);
  TransitionQuery query;
  query.since = from;
  query.until = question.window.end;
  TRY(opened.log.visit(
      query,
      [&](const Transition& record) {
        auditor.add(record);
        return true;
      },
      [&](const std::string& key, const Error& error) {
        ++found.unreadable;
        on_unreadable(key, error);
      }));
  found.audit = auditor.finish();
  TRY_ASSIGN(const auto later, first_after(opened.log, now + fallback::kStoreClockTolerance));
  found.ahead = later.has_value();
  return found;
}

}  // namespace rz::runtime
