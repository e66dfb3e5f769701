#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode_state.h"
#include "rz/storage/storage.h"
#include "sim/scheduler.h"

namespace rz::sim {

/// A run of a callback.
struct CallRun {
  TimePoint begun{};
  bool over = false;
  bool cut_off = false;  ///< Its process had missed an answer of the store.
};

/// What must hold after each step, and what must be left at the end.
class Judge {
 public:
  explicit Judge(Scheduler& scheduler) : scheduler_(scheduler) {}

  /// What the host of a process knows.
  using Known = std::function<std::optional<fallback::ModeState>()>;
  /// Around a commit that reaches the server.
  Result<Commit> watch(const Batch& batch, const Known& known,
                       const std::function<Result<Commit>()>& commit);
  /// The server was set back to `state`, and has only the records `left`.
  void note_loss(fallback::ModeState state, const std::vector<LogRecord>& left);
  /// An answer without a doubt: `there` is the state that it is from, `known` what the host knew.
  void note_answer(const fallback::ModeState& there, const fallback::ModeState& known);
  /// A transition to `entered` that a user was told of, by the token of its record.
  void note_acknowledged(const std::string& token, const std::string& instead_of, Mode entered);
  /// A user was told, by the store's own answer, that epoch `epoch` entered `mode`.
  void note_entered(std::int64_t epoch, Mode mode);
  /// A call begins, in a process that has begun at `process_begun`. The run is over when the caller
  /// says so.
  CallRun& note_call(const Transition& made, bool cut_off, TimePoint process_begun);
  void note_call_done(const Transition& made) { done_.insert(made.writer); }
  /// The decision `token` was made instead of `attempt`, which may stand all the same: a call for
  /// one of them is one for the other.
  void note_instead(const std::string& token, const std::string& attempt) {
    instead_of_[token] = attempt;
  }
  /// A person was told that the call of `made`, for which it was asked at `asked_at`, is due again.
  void note_retried(const Transition& made, TimePoint asked_at);

  /// At the end, when everybody has come back.
  void check_history(const std::vector<Transition>& history, bool everybody_calls);

  void blame(const std::string& what);
  const std::vector<std::string>& faults() const { return faults_; }

  bool clocks_differ = false;  ///< Then leases are not compared.
  int conflicts = 0;           ///< Commits that were refused.
  int commits = 0;
  int losses = 0;
  int at_once = 0;  ///< Runs beside one that has outlived its lease or was cut off.

 private:
  void check_record(const Transition& record, const fallback::ModeState& before,
                    const fallback::ModeState& after);
  void check_calls(const fallback::ModeState& after);
  bool was_called(const std::string& token) const;
  bool descends(const std::string& writer, const std::string& from) const;

  Scheduler& scheduler_;
  fallback::ModeState now_{};
  Transition last_{};  ///< The newest record with an epoch, be it lost since.
  std::set<std::string> recorded_{};
  std::set<std::string> excused_{};
  std::set<std::pair<std::int64_t, Mode>> epochs_{};
  /// The writes that each write follows from.
  std::map<std::string, std::vector<std::string>> parents_{};
  struct Acknowledged {
    std::string instead_of{};
    Mode entered{};
  };
  std::map<std::string, Acknowledged> acknowledged_{};
  std::map<std::string, std::string> instead_of_{};
  std::map<std::string, std::vector<std::unique_ptr<CallRun>>> runs_{};
  std::set<std::string> done_{};
  /// Calls that the store knows to be over, and since when.
  struct Ended {
    fallback::EndedCallback::How how{};
    TimePoint at{};
  };
  std::map<std::string, Ended> ended_{};
  std::map<std::string, TimePoint> unmade_{};  ///< Calls that were dropped or given up, and when.
  std::set<std::string> retried_{};
  TimePoint lost_at_{};
  std::vector<std::string> faults_{};
};

}  // namespace rz::sim
