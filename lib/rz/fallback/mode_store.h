#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/fallback/mode_state.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

/// How much a host's clock may differ from the store's and still count as right: the difference of
/// synchronized clocks, and the time that an answer takes.
inline constexpr Millis kStoreClockTolerance{std::chrono::seconds{2}};

/// Whether two times of one moment are those of clocks that differ.
inline bool clocks_differ(TimePoint a, TimePoint b) {
  return a - b > kStoreClockTolerance || b - a > kStoreClockTolerance;
}

/// The time that all hosts share.
struct SharedTime {
  TimePoint now{};
  std::string warning{};  ///< That this host's clock differs, for people; empty: it does not.
};

/// The mode of the system and its history in Storage, written together or not at all.
///
/// A handle, as thread-safe as the storage, which it does not own. Errors of every call: those of
/// Storage, and corrupt for a state that cannot be read.
class ModeStore {
 public:
  struct Snapshot {
    ModeState state;
    std::optional<std::string> bytes;  ///< As stored; nothing: never written.
  };

  /// Each lost race means that another process won one, so that many rounds mean many transitions.
  static constexpr int kMaxRaces = 100;

  /// `retention`: a transition record's life from when it is written.
  ModeStore(Storage& storage, Millis retention) : storage_(storage), log_(storage, retention) {}

  Result<Snapshot> read() const;

  /// As read, but a state that cannot be read comes as a blank one with its bytes.
  Result<Snapshot> read_raw() const;

  /// The mode after the newest transition of the history, which is what is left of it where its key
  /// is gone. Nothing: the history has no transition since it was begun anew.
  Result<std::optional<ModeState>> last_of_history() const;

  /// Where the store has neither a mode nor a history that tells of one, writes the mode that holds
  /// then, so that records which are added to the history later are not taken for the mode's.
  Result<void> begin_if_new();

  /// Writes `next`, whose `writer` is a token never used before, and the record if there is one,
  /// provided that the state is still `before` (else `refused`) and the record's place is free
  /// (else `place_taken`). A commit whose answer was lost or garbled is looked up by the token, and
  /// tried once more, under the same token, if it is not there; what replicas may not have is added
  /// to `warnings`. After an error that is_outage() tells of, the outcome is unknown. What is in
  /// `beside` takes effect with it, or not at all.
  Result<Commit> write(const Snapshot& before, const ModeState& next,
                       const std::optional<Transition>& transition,
                       std::vector<std::string>& warnings, const Batch& beside = {});

  /// Writes `beside` alone, provided that the state is still `before`.
  Result<Commit> write_beside(const Snapshot& before, const Batch& beside);

  /// Writes the record of a decision that does not hold, with `next`, which differs from `before`
  /// in its token, its version and its counts alone. Conditions as in write(); a commit whose
  /// answer was lost is not looked up: the record's own `writer` tells, by find_write().
  Result<Commit> write_offline(const Snapshot& before, const ModeState& next,
                               const Transition& record);

  /// The first free place in the log at `time` or behind it, at most kTransitionPlaces
  /// microseconds. Errors: conflict if there is none.
  Result<TimePoint> free_place(TimePoint time) const;

  /// What a write has left in the store.
  enum class Trace {
    none,           ///< It took no effect, or it left no record and others have decided since.
    decided,        ///< It was the mode of the system.
    history_alone,  ///< A record with the trigger `offline`: it was overtaken.
  };

  /// Looks for the write of `token`: its state, or its record, which is at the transition's time or
  /// behind it: a drain puts it behind what others wrote meanwhile. So the records since that time
  /// are read, a page at a time, until it is found; not those before.
  Result<Trace> find_write(const std::string& token,
                           const std::optional<Transition>& transition) const;

  /// `now`, or the store's time where that differs by more than kStoreClockTolerance. Of a store
  /// without a clock, or one that does not answer, `now`.
  SharedTime shared_time(TimePoint now) const;

  TransitionLog& log() { return log_; }
  Storage& storage() { return storage_; }

 private:
  Result<Batch> batch_of(const Snapshot& before, const ModeState& next);
  Result<void> confirm();

  Storage& storage_;
  TransitionLog log_;
};

}  // namespace rz::fallback
