#include "rz/fallback/offline/drained_calls.h"

#include <algorithm>

#include "rz/fallback/callbacks/owed_callback.h"

namespace rz::fallback {
namespace {

// Whether somebody has claimed the call since, and runs it. Nobody gives up or drops what runs.
bool runs_elsewhere(const SpoolEntry& entry, const OwedCallback& there, TimePoint now) {
  const OwedCallback* const before = find_call(entry.before.owed, there.transition.writer);
  return there.is_claimed(now) && (before == nullptr || before->claim != there.claim);
}

// Whether the end holds for the call as the store has it.
bool holds(const EndedCallback& end, const SpoolEntry& entry, const OwedCallback& there,
           TimePoint now) {
  if (!end.ends(there)) return false;
  return end.how == EndedCallback::How::ran || !runs_elsewhere(entry, there, now);
}

bool is_asked_for(const OwedCallback& after, const OwedCallback* before) {
  return after.asked_at && (before == nullptr || after.asked_at > before->asked_at);
}

void forget_end(const std::string& token, ModeState& next) {
  std::erase_if(next.ended,
                [&](const EndedCallback& each) { return each.transition.writer == token; });
}

// The run of `before` failed, or a person asked for it again.
void change_call(const OwedCallback& before, const OwedCallback& after, OwedCallback& there,
                 ModeState& next) {
  if (there.asked_at > after.asked_at) return;
  const bool asked_here = after.asked_at > there.asked_at;
  if (there.claim != before.claim) {
    // Somebody has claimed it since, and may run it now: the claim stays.
    if (!asked_here) return;
    there.asked_at = after.asked_at;
    there.failed = after.failed;
    there.not_before = after.not_before;
    return;
  }
  const int failed = asked_here ? after.failed : std::max(there.failed, after.failed);
  if (failed > there.failed) next.failed_calls += failed - there.failed;
  there = after;
  there.failed = failed;
}

}  // namespace

void apply_call_changes(const SpoolEntry& entry, TimePoint now, ModeState& next) {
  for (const EndedCallback& end : entry.after.ended) {
    const auto& before = entry.before.ended;
    if (std::find(before.begin(), before.end(), end) != before.end()) continue;
    const std::string& token = end.transition.writer;
    const OwedCallback* const there = find_call(next.owed, token);
    if (there != nullptr && !holds(end, entry, *there, now)) continue;
    add_ended(next.ended, end);
    remove_call(next.owed, token);
  }
  for (const OwedCallback& before : entry.before.owed) {
    const std::string& token = before.transition.writer;
    const OwedCallback* const after = find_call(entry.after.owed, token);
    OwedCallback* const there = find_call(next.owed, token);
    if (there == nullptr) continue;
    if (after != nullptr) {
      if (*after != before) change_call(before, *after, *there, next);
    } else if (find_ended(entry.after.ended, token) == nullptr &&
               there->asked_at <= before.asked_at) {
      // An earlier rz left nothing of a call that had ended.
      remove_call(next.owed, token);
    }
  }
}

void add_calls_asked_for(const SpoolEntry& entry, ModeState& next) {
  for (const OwedCallback& owed : entry.after.owed) {
    const std::string& token = owed.transition.writer;
    const OwedCallback* const before = find_call(entry.before.owed, token);
    if (!is_asked_for(owed, before) || find_call(next.owed, token) != nullptr) continue;
    const EndedCallback* const end = find_ended(next.ended, token);
    // What was owed when it was asked for, and is known to nobody by now, has most likely run.
    if (end != nullptr ? end->ends(owed) : before != nullptr) continue;
    forget_end(token, next);
    next.owed.push_back(owed);
  }
}

void owe_unless_over(const OwedCallback& owed, ModeState& next) {
  const std::string& token = owed.transition.writer;
  const EndedCallback* const end = find_ended(next.ended, token);
  if (find_call(next.owed, token) != nullptr || (end != nullptr && end->ends(owed))) return;
  forget_end(token, next);
  next.owed.push_back(owed);
}

std::vector<std::string> lost_orders_about_calls(const SpoolEntry& entry, const ModeState& state) {
  std::vector<std::string> lost;
  for (const EndedCallback& end : entry.after.ended) {
    const std::string& token = end.transition.writer;
    const bool dropped =
        end.how == EndedCallback::How::dropped && find_call(entry.before.owed, token) != nullptr;
    if (!dropped || find_call(state.owed, token) == nullptr) continue;
    lost.emplace_back(
        "a callback that was dropped while the store was away runs on another host, or was asked "
        "for again: it is owed until it has run well");
  }
  for (const OwedCallback& owed : entry.after.owed) {
    const std::string& token = owed.transition.writer;
    const bool asked_for = is_asked_for(owed, find_call(entry.before.owed, token));
    const bool is_known =
        find_call(state.owed, token) != nullptr || find_ended(state.ended, token) != nullptr;
    if (!asked_for || is_known) continue;
    lost.emplace_back(
        "a callback that was asked for again while the store was away is not known there any more: "
        "it is not run again");
  }
  return lost;
}

}  // namespace rz::fallback
