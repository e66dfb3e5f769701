#include "sim/judge.h"

#include <algorithm>

namespace rz::sim {
namespace {

using fallback::ModeState;

struct Written {
  std::optional<ModeState> state;
  std::vector<Transition> records;
};

Written written_by(const Batch& batch) {
  Written written;
  for (const Batch::Write& write : batch.writes) {
    if (const auto* set = std::get_if<Batch::Set>(&write)) {
      if (set->key != fallback::kModeStateKey) continue;
      if (auto state = fallback::decode_mode_state(set->value)) written.state = std::move(*state);
    } else if (const auto* append = std::get_if<Batch::Append>(&write)) {
      if (auto record = decode_transition(append->value)) {
        written.records.push_back(std::move(*record));
      }
    }
  }
  return written;
}

std::string name_of(const Transition& record) {
  return std::string(to_string(record.from)) + " -> " + to_string(record.to) + " (epoch " +
         (record.epoch ? std::to_string(*record.epoch) : "-") + ", " + record.trigger + ", write " +
         record.writer + ")";
}

}  // namespace

void Judge::blame(const std::string& what) {
  scheduler_.note("FAULT: " + what);
  faults_.push_back(what);
}

Result<Commit> Judge::watch(const Batch& batch, const Known& known,
                            const std::function<Result<Commit>()>& commit) {
  const auto done = commit();
  if (!done) return done;
  conflicts += *done != Commit::done;
  if (*done != Commit::done) return done;
  ++commits;
  const Written written = written_by(batch);
  if (!written.state) return done;
  const ModeState& after = *written.state;
  // Written again, unchanged, so that replicas confirm it.
  if (after == now_) return done;
  std::vector<std::string>& parents = parents_[after.writer];
  parents.push_back(now_.writer);
  for (const Transition& record : written.records) {
    scheduler_.note("committed: " + name_of(record));
    check_record(record, now_, after);
    if (record.trigger != trigger::kRestored) continue;
    const auto put_back = known();
    if (put_back) parents.push_back(put_back->writer);
    // Or what the history ended with, where that is more.
    const bool is_of_history = last_.epoch && *last_.epoch > (put_back ? put_back->epoch : 0);
    if (is_of_history && *record.epoch == *last_.epoch + 1) parents.push_back(last_.writer);
  }
  const bool moved = std::any_of(written.records.begin(), written.records.end(),
                                 [](const Transition& each) { return each.epoch.has_value(); });
  if (!moved && (after.mode != now_.mode || after.epoch != now_.epoch)) {
    blame("the mode changed without a record");
  }
  if (after.version <= now_.version) blame("a version came twice");
  check_calls(after);
  now_ = after;
  for (const Transition& record : written.records) {
    if (record.epoch) last_ = record;
  }
  return done;
}

void Judge::check_record(const Transition& record, const ModeState& before,
                         const ModeState& after) {
  if (!recorded_.insert(record.writer).second && !excused_.contains(record.writer)) {
    blame("a record is doubled: " + name_of(record));
  }
  if (!record.epoch) return;
  epochs_.emplace(*record.epoch, record.to);
  const bool next = record.trigger == trigger::kRestored ? *record.epoch > before.epoch
                                                         : *record.epoch == before.epoch + 1;
  if (!next) blame("epoch " + std::to_string(before.epoch) + " is followed by " + name_of(record));
  if (record.from != before.mode)
    blame("does not begin where the last one ended: " + name_of(record));
  if (record.to != after.mode) blame("the state differs from its record: " + name_of(record));
  if (record.timestamp <= before.recorded_at)
    blame("is not later than the last: " + name_of(record));
}

// What has ended is owed no more, until a person asks for it again; and it is forgotten for newer
// ones alone.
void Judge::check_calls(const ModeState& after) {
  const auto has_ended_in = [](const ModeState& state, const std::string& token) {
    return std::any_of(
        state.ended.begin(), state.ended.end(),
        [&](const fallback::EndedCallback& each) { return each.transition.writer == token; });
  };
  for (const fallback::EndedCallback& each : now_.ended) {
    const std::string& token = each.transition.writer;
    const fallback::OwedCallback* const owed = find_call(after.owed, token);
    if (owed != nullptr && each.ends(*owed)) {
      blame("a call that has ended is owed again: " + name_of(each.transition));
    }
    const bool has_room = after.ended.size() < fallback::kEndedCallbacksMax;
    if (owed == nullptr && has_room && !has_ended_in(after, token)) {
      blame("it is forgotten that a call has ended: " + name_of(each.transition));
    }
  }
  for (const fallback::OwedCallback& owed : after.owed) {
    const fallback::OwedCallback* const before = find_call(now_.owed, owed.transition.writer);
    if (owed.claim == (before != nullptr ? before->claim : "")) continue;
    scheduler_.note("call is claimed: " + (owed.claim.empty() ? "by nobody" : "as " + owed.claim) +
                    ", write " + owed.transition.writer);
  }
  // Only an end takes a call off the list, or that it was made for the decision that was made
  // instead.
  const auto is_replaced = [&](const std::string& token) {
    return std::any_of(instead_of_.begin(), instead_of_.end(),
                       [&](const auto& each) { return each.second == token; });
  };
  for (const fallback::OwedCallback& owed : now_.owed) {
    const std::string& token = owed.transition.writer;
    const bool goes_on = find_call(after.owed, token) != nullptr || has_ended_in(after, token) ||
                         after.ended.size() >= fallback::kEndedCallbacksMax || is_replaced(token);
    if (!goes_on) blame("a call is gone that has not ended: " + name_of(owed.transition));
  }
  std::erase_if(ended_, [&](const auto& each) { return !has_ended_in(after, each.first); });
  for (const fallback::EndedCallback& each : after.ended) {
    const std::string& token = each.transition.writer;
    if (!ended_.try_emplace(token, Ended{each.how, scheduler_.now()}).second) continue;
    scheduler_.note(std::string("call is over: ") + to_string(each.how) + ", write " + token);
    // Whoever gave it up need not have known that a person had asked for it again.
    const bool dropped = each.how == fallback::EndedCallback::How::dropped;
    if (each.how != fallback::EndedCallback::How::ran) {
      unmade_[token] = dropped ? each.at : each.asked_at.value_or(TimePoint{});
    }
  }
}

void Judge::note_retried(const Transition& made, TimePoint asked_at) {
  scheduler_.note("asked for again: write " + made.writer);
  // The store may have forgotten that since.
  if (lost_at_ > asked_at) return;
  retried_.insert(made.writer);
  // Since then somebody may have dropped it.
  const auto unmade = unmade_.find(made.writer);
  if (unmade != unmade_.end() && unmade->second < asked_at) unmade_.erase(unmade);
}

void Judge::note_loss(ModeState state, const std::vector<LogRecord>& left) {
  ++losses;
  now_ = std::move(state);
  lost_at_ = scheduler_.now();
  ended_.clear();
  retried_.clear();
  std::set<std::string> still;
  for (const LogRecord& each : left) {
    if (auto record = decode_transition(each.value)) still.insert(record->writer);
  }
  for (const std::string& token : recorded_) {
    if (!still.contains(token)) excused_.insert(token);
  }
}

bool Judge::descends(const std::string& writer, const std::string& from) const {
  std::set<std::string> seen;
  std::vector<std::string> open{writer};
  while (!open.empty()) {
    const std::string each = open.back();
    open.pop_back();
    if (each == from) return true;
    if (!seen.insert(each).second) continue;
    const auto parents = parents_.find(each);
    if (parents != parents_.end())
      open.insert(open.end(), parents->second.begin(), parents->second.end());
  }
  return false;
}

// More decisions than are noted hide the loss of an older one.
void Judge::note_answer(const ModeState& there, const ModeState& known) {
  if (known.decision.empty() || descends(there.writer, known.decision)) return;
  if (there.version - known.version >= static_cast<std::int64_t>(fallback::kDecisionsMax)) return;
  blame(std::string("a host that knew ") + to_string(known.mode) + " at version " +
        std::to_string(known.version) + " (decision " + known.decision + ") believes " +
        to_string(there.mode) + " at version " + std::to_string(there.version) +
        ", which does not follow from it");
}

void Judge::note_acknowledged(const std::string& token, const std::string& instead_of,
                              Mode entered) {
  scheduler_.note("acknowledged: write " + token);
  acknowledged_[token] = {instead_of, entered};
  if (!instead_of.empty()) note_instead(token, instead_of);
}

void Judge::note_entered(std::int64_t epoch, Mode mode) {
  if (epochs_.contains({epoch, mode})) return;
  blame("somebody was told of epoch " + std::to_string(epoch) + ", which never entered " +
        to_string(mode));
}

// A run takes at most 30 s, unless its process is paused; its lease, 10 s more.
CallRun& Judge::note_call(const Transition& made, bool cut_off, TimePoint process_begun) {
  constexpr Micros kLease{std::chrono::seconds{31}};
  const auto ended = ended_.find(made.writer);
  if (ended != ended_.end() && !cut_off && ended->second.at <= process_begun) {
    blame(std::string("a call that was over (") + to_string(ended->second.how) +
          ") before its process began runs again: " + name_of(made));
  }
  auto& runs = runs_[made.writer];
  for (const auto& other : runs) {
    if (other->over) continue;
    const bool outlived = scheduler_.now() - other->begun > kLease;
    if (outlived || other->cut_off || cut_off || clocks_differ || lost_at_ > other->begun) {
      ++at_once;
      continue;
    }
    blame("two runs of one call at once, both under a claim: " + name_of(made));
  }
  runs.push_back(std::make_unique<CallRun>());
  runs.back()->begun = scheduler_.now();
  runs.back()->cut_off = cut_off;
  return *runs.back();
}

// Or for the decision that was made instead of it, which stands for the same transition.
bool Judge::was_called(const std::string& token) const {
  if (done_.contains(token)) return true;
  return std::any_of(instead_of_.begin(), instead_of_.end(), [&](const auto& each) {
    return each.second == token && done_.contains(each.first);
  });
}

void Judge::check_history(const std::vector<Transition>& history, bool everybody_calls) {
  std::map<std::string, int> found;
  std::set<std::pair<std::string, Mode>> transitions;
  const Transition* last = nullptr;
  for (const Transition& record : history) {
    ++found[record.writer];
    if (record.changes_mode()) transitions.emplace(record.writer, record.to);
    if (!record.epoch) continue;
    if (last != nullptr && losses == 0 &&
        (record.from != last->to || *record.epoch != *last->epoch + 1)) {
      blame("the history is broken before " + name_of(record));
    }
    last = &record;
    const bool owed = everybody_calls && record.changes_mode() && record.to == Mode::safe;
    if (owed && !was_called(record.writer) && !unmade_.contains(record.writer)) {
      blame("the call never ran: " + name_of(record));
    }
  }
  // What has run well is not run again, whoever asks.
  for (const std::string& token : retried_) {
    if (!was_called(token) && !unmade_.contains(token)) {
      blame("a call that somebody asked for again never ran: write " + token);
    }
  }
  for (const auto& [token, count] : found) {
    if (count > 1)
      blame("a record is in the history " + std::to_string(count) + " times: " + token);
  }
  for (const std::string& token : recorded_) {
    if (!found.contains(token) && !excused_.contains(token)) blame("a record is gone: " + token);
  }
  for (const auto& [token, told] : acknowledged_) {
    const bool there =
        found.contains(token) || transitions.contains({told.instead_of, told.entered});
    const bool excused = excused_.contains(token) || excused_.contains(told.instead_of);
    if (!there && !excused)
      blame("an acknowledged transition is not in the history: write " + token);
  }
}

}  // namespace rz::sim
