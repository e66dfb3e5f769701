#include "tools/nemesis/judge.h"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "rz/base/text.h"
#include "tools/nemesis/lies.h"

namespace rz::nemesis {
namespace {

class Judge {
 public:
  Judge(const World& world, const Journal& journal, const Remains& remains)
      : world_(world), journal_(journal), remains_(remains) {
    for (const Transition& record : remains.history) {
      // What was done with a pin, and what was put back, has the reason of what it followed from.
      if (record.trigger == "restored") continue;
      if (record.from != record.to) {
        ++reasons_[record.reason];
      } else {
        pins_.insert(record.reason);
      }
    }
  }

  Verdict run() {
    verdict_.faults = remains_.failures;
    find_recoveries();
    for (const Command& command : journal_.all_commands()) look_at(command);
    check_doubles();
    check_chain();
    check_owed_callbacks();
    for (const Loss& loss : journal_.losses()) check_told(loss);
    check_gates();
    return std::move(verdict_);
  }

 private:
  void blame(const Command& command, const std::string& what) {
    std::string line =
        "host " + std::to_string(command.host) + " at " + std::to_string(command.start) + " us: rz";
    for (const std::string& word : command.argv) line += " " + word;
    verdict_.faults.push_back(line + ": " + what);
  }

  void look_at(const Command& command) {
    ++verdict_.commands;
    if (command.hung) blame(command, "hung");
    const bool by_signal = command.exit_code > 128 && !command.killed && !command.hung;
    if (by_signal) blame(command, "ended by signal " + std::to_string(command.exit_code - 128));
    const bool changes = command.action == Action::set || command.action == Action::evaluate;
    if (changes && command.exit_code == 0 && !command.answer) blame(command, "exit 0, no answer");
    verdict_.sent += changes;
    const bool told = command.answered() && command.answer->changed;
    if (changes && told && (command.gate ? command.exit_code < 3 : command.exit_code == 0)) {
      check_acknowledged(command);
    }
    if (command.action == Action::import && command.exit_code == 0 && !may_be_lost(command)) {
      check_import(command);
    }
  }

  // Whether it may have been written to a store that has lost it since.
  bool may_be_lost(const Command& command) const {
    for (const Loss& loss : journal_.losses()) {
      const bool in_copy = loss.copied >= command.end &&
                           !(command.answer && command.answer->offline) &&
                           command.action != Action::import;
      if (command.start < loss.end && !in_copy) return true;
    }
    return false;
  }

  void check_acknowledged(const Command& command) {
    ++verdict_.acknowledged;
    check_callback(command);
    const int found = times_found(command);
    verdict_.found += found > 0;
    if (found > 0) return;
    if (command.answer->unrecorded || may_be_lost(command)) {
      ++verdict_.excused;
      return;
    }
    ++verdict_.lost;
    blame(command, "acknowledged, and not in the history");
  }

  int times_found(const Command& command) {
    if (!has_own_reason(command)) return recoveries_.contains(&command) ? 1 : 0;
    const auto found = reasons_.find(command.reason);
    if (found != reasons_.end()) return found->second;
    // An order whose commit came late, so that it was decided anew as a change of what this host
    // knew by then, may have taken effect as a pin on the mode that the store had.
    return pins_.contains(command.reason) ? 1 : 0;
  }

  // What the votes of others have made, a worse mode or a better one, has the reason of a vote.
  static bool is_of_votes(const std::string& reason) { return reason.starts_with("votes("); }

  static bool has_own_reason(const Command& command) {
    return !command.reason.empty() && !is_of_votes(command.answer->reason);
  }

  static bool is_recovery(const Command& command) {
    const bool changes = command.action == Action::set || command.action == Action::evaluate;
    return changes && command.answered() && command.answer->changed && !has_own_reason(command);
  }

  // Recoveries, and changes by the votes of others, have no reason of their own. Each record is
  // that of one command: first of those that know its epoch and time; then, of what was decided
  // offline, the first of its host from its time on, for what others have recorded until it came to
  // the store moves it on. What may have gone with a store that was lost comes last and near its
  // time alone, so that it takes the record of no other. Only root can give hosts names.
  void find_recoveries() {
    std::vector<const Command*> offline;
    for (const Command& command : journal_.all_commands()) {
      if (!is_recovery(command)) continue;
      if (command.answer->offline) {
        offline.push_back(&command);
      } else {
        find_recovery(command, 0);
      }
    }
    std::stable_sort(offline.begin(), offline.end(), [](const Command* a, const Command* b) {
      return a->answer->since < b->answer->since;
    });
    for (const Command* command : offline) {
      if (!may_be_lost(*command)) find_recovery(*command, kNever);
    }
    for (const Command* command : offline) {
      if (may_be_lost(*command)) find_recovery(*command, 10'000);
    }
    // One that was decided again, because it was not known whether its write took effect, has the
    // earlier time of that write if it did, and the mode that it found in the store.
    for (const Command* command : offline) {
      const bool unknown = command->error.find("may have been done") != std::string::npos;
      if (unknown && !recoveries_.contains(command)) {
        find_recovery(*command, 0, command->end - command->start);
      }
    }
  }

  // `later_by`, `earlier_by`: how much later or earlier than it was decided the record may be;
  // kNever: any time.
  void find_recovery(const Command& command, std::int64_t later_by, std::int64_t earlier_by = 0) {
    const Answer& answer = *command.answer;
    const std::int64_t decided = answer.since.value_or(0);
    const std::int64_t since = decided - earlier_by;
    const std::string host = "host-" + std::to_string(command.host);
    for (const Transition& record : remains_.history) {
      const std::int64_t time = record.timestamp.time_since_epoch().count();
      const bool same_start = record.from == answer.previous || earlier_by > 0;
      if (!same_start || record.to != answer.mode) continue;
      if (time < since || (later_by != kNever && time - decided > later_by)) continue;
      const bool may_be_it = answer.offline ? record.reason == answer.reason &&
                                                  (record.host == host || ::geteuid() != 0)
                                            : record.epoch == answer.epoch;
      if (!may_be_it || !taken_.insert(time).second) continue;
      recoveries_.insert(&command);
      return;
    }
  }

  void check_callback(const Command& command) {
    const bool wanted = command.answer->mode == Mode::safe && !command.reason.empty();
    if (!wanted || command.error.find("callback") != std::string::npos) return;
    if (remains_.calls.count(command.answer->reason) == 0) {
      blame(command, "safe was acknowledged, and its callback never ran");
    }
  }

  // Also where the program that entered safe was killed before it could run the callback: it is
  // owed. One that was given up was told of.
  void check_owed_callbacks() {
    for (const Command& command : journal_.all_commands()) {
      if (command.error.find("given up") != std::string::npos) return;
    }
    for (const Transition& record : remains_.history) {
      const bool entered = record.to == Mode::safe && record.from != record.to && record.epoch;
      if (!entered || record.trigger == "restored") continue;
      if (remains_.calls.count(record.reason) > 0) continue;
      verdict_.faults.push_back("epoch " + std::to_string(*record.epoch) +
                                " entered safe, and its callback never ran: '" +
                                printable(record.reason) + "'");
    }
  }

  void check_import(const Command& command) {
    for (const std::string& reason : command.imported) {
      const auto found = reasons_.find(reason);
      if (found == reasons_.end()) blame(command, "the record " + reason + " is not there");
    }
  }

  void check_doubles() {
    for (const auto& [reason, count] : reasons_) {
      if (count < 2 || reason == "recovered" || is_of_votes(reason)) continue;
      if (reason.starts_with("final")) continue;
      ++verdict_.doubled;
      verdict_.faults.push_back("the history has " + std::to_string(count) +
                                " records of the transition '" + reason + "'");
    }
  }

  void check_chain() {
    std::vector<Transition> chain;
    for (const Transition& record : remains_.history) {
      if (record.epoch) chain.push_back(record);
    }
    std::stable_sort(chain.begin(), chain.end(),
                     [](const auto& a, const auto& b) { return a.epoch < b.epoch; });
    const bool whole = journal_.losses().empty();
    Mode mode = Mode::primary;
    std::int64_t last = 0;
    for (const Transition& record : chain) {
      const std::string name =
          "epoch " + std::to_string(*record.epoch) + " ('" + printable(record.reason) + "')";
      const bool restored = record.trigger == "restored";
      if (record.epoch == last) verdict_.faults.push_back(name + " is there twice");
      if (record.epoch > last + 1 && (whole || !restored)) {
        verdict_.faults.push_back("there is a gap before " + name);
      }
      if (record.from != mode && !(restored && !whole)) {
        verdict_.faults.push_back(name + " does not begin where the one before it ended");
      }
      mode = record.to;
      last = *record.epoch;
    }
  }

  // A host that knew a higher epoch than the store had left.
  bool knew_more(int host, const Loss& loss, Moment since) const {
    return std::any_of(journal_.all_commands().begin(), journal_.all_commands().end(),
                       [&](const Command& command) {
                         return command.host == host && command.clean() && command.start > since &&
                                command.end <= loss.start && command.answer->epoch > loss.epoch;
                       });
  }

  // Whoever came first knew that the store had forgotten; unless it was killed or failed, so that
  // nobody heard of it, it said so.
  void check_told(const Loss& loss) {
    Moment before = -1;
    Moment next = kNever;
    for (const Loss& other : journal_.losses()) {
      if (other.end < loss.start) before = std::max(before, other.end);
      if (other.start > loss.end) next = std::min(next, other.start);
    }
    // A copy of another life of the store may be ahead of what anybody knows.
    if (loss.copied >= 0 && before > loss.copied) return;
    for (int host = 0; host < world_.options().hosts; ++host) {
      if (!knew_more(host, loss, before)) return;
    }
    bool heard = false;
    for (const Command& command : journal_.all_commands()) {
      if (command.end <= loss.start || command.start >= next) continue;
      if (command.answer && command.answer->store_lost) return;
      if (command.error.find("lost its memory") != std::string::npos) return;
      // What was killed or failed may have put everything back without a word.
      const bool of_history = !command.answer && command.exit_code == 0;
      if (!of_history && (!command.answered() || command.exit_code == 3)) return;
      heard = heard || (command.start > loss.end && command.answer && !command.answer->offline);
    }
    if (!heard) return;
    verdict_.faults.push_back("the store lost its memory at " + std::to_string(loss.start) +
                              " us, every host knew more than it, and nobody said so");
  }

  void check_gates() {
    const LieDetector detector(journal_);
    for (const Command& command : journal_.all_commands()) {
      verdict_.gates += command.gate && command.answer.has_value();
      const std::string why = detector.accuse(command);
      if (why.empty()) continue;
      ++verdict_.lies;
      blame(command, "exit 0, primary: a lie: " + why);
    }
  }

  const World& world_;
  const Journal& journal_;
  const Remains& remains_;
  std::map<std::string, int> reasons_;   ///< Of the records that change the mode.
  std::set<std::string> pins_;           ///< The reasons of those that do not.
  std::set<const Command*> recoveries_;  ///< Those that have their record.
  std::set<std::int64_t> taken_;  ///< The times of the records that were found for a recovery.
  Verdict verdict_;
};

}  // namespace

Verdict judge(const World& world, Journal& journal, const Remains& remains) {
  return Judge(world, journal, remains).run();
}

}  // namespace rz::nemesis
