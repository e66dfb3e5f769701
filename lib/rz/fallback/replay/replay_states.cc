#include "rz/fallback/replay/replay_states.h"

#include <deque>
#include <vector>

#include "rz/fallback/replay/state_lines.h"
#include "rz/fallback/replay/state_record.h"

namespace rz::fallback {
namespace {

/// Runs lines through all policies.
class StateReplay {
 public:
  StateReplay(std::string_view scope, std::span<PolicySimulation> policies)
      : scope_(scope), policies_(policies), quiet_(policies.size()) {}

  Result<void> take(std::string_view line) {
    if (const RecordHead* const head = reader_.read(line)) {
      return head->scope == scope_ ? take(*head) : leave_out();
    }
    const auto record = decode_state_record(line);
    if (!record) return fail(record.error());
    if (record->scope != scope_) return leave_out();
    for (PolicySimulation& policy : policies_) {
      if (auto done = policy.evaluate(*record); !done) return done;
    }
    return count(record->at);
  }

  const ReplayedStates& replayed() const { return replayed_; }

 private:
  Result<void> take(const RecordHead& head) {
    bool all_quiet = true;
    for (std::size_t i = 0; i < policies_.size(); ++i) {
      const auto quiet = policies_[i].is_quiet(head);
      if (!quiet) return fail(quiet.error());
      quiet_[i] = *quiet;
      all_quiet = all_quiet && *quiet;
    }
    if (all_quiet) return count(head.at);
    const StateRecord& record = reader_.record();
    for (std::size_t i = 0; i < policies_.size(); ++i) {
      if (quiet_[i]) continue;
      if (auto done = policies_[i].evaluate(record); !done) return done;
    }
    return count(head.at);
  }

  Result<void> leave_out() {
    ++replayed_.of_other_scopes;
    return {};
  }

  Result<void> count(TimePoint at) {
    ++replayed_.states;
    if (!replayed_.since) replayed_.since = at;
    replayed_.until = at;
    return {};
  }

  const std::string_view scope_;
  std::span<PolicySimulation> policies_;
  std::vector<bool> quiet_;
  StateRecordReader reader_;
  ReplayedStates replayed_;
};

}  // namespace

Result<ReplayedStates> replay_states(std::span<const StateSource> sources, std::string_view scope,
                                     std::span<PolicySimulation> policies) {
  StateReplay replay(scope, policies);
  std::deque<StateLines> all;
  std::vector<StateLines*> left;
  const auto go_on = [&left](StateLines& lines) -> Result<void> {
    const auto found = lines.next();
    if (!found) return fail(found.error());
    if (!*found) std::erase(left, &lines);
    return {};
  };
  for (const StateSource& source : sources) {
    left.push_back(&all.emplace_back(*source.bytes, source.name, kReorderedStates));
    if (auto begun = go_on(*left.back()); !begun) return fail(std::move(begun).error());
  }
  while (!left.empty()) {
    StateLines* earliest = left.front();
    for (StateLines* const lines : left) {
      if (lines->at() < earliest->at()) earliest = lines;
    }
    if (auto taken = replay.take(earliest->text()); !taken) {
      return earliest->at_line(std::move(taken).error());
    }
    if (auto gone_on = go_on(*earliest); !gone_on) return fail(std::move(gone_on).error());
  }
  return replay.replayed();
}

}  // namespace rz::fallback
