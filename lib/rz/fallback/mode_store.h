#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/transition.h"
#include "rz/fallback/transition_log.h"
#include "rz/storage/storage.h"

namespace rz {

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

  /// Writes `next`, whose `writer` is a token never used before, and the record of the transition
  /// if it is one, provided that the state is still `before` and the record's place is free.
  /// Returns whether they were. A commit whose answer was lost or garbled is looked up by the
  /// token, and tried once more, under the same token, if it is not there; what replicas may not
  /// have is added to `warnings`. After an error that is_outage() tells of, the outcome is unknown.
  Result<bool> write(const Snapshot& before, const ModeState& next,
                     const std::optional<Transition>& transition,
                     std::vector<std::string>& warnings) const;

  /// What a write has left in the store.
  enum class Trace {
    none,           ///< It took no effect, or it was no transition and others have decided since.
    decided,        ///< It was the mode of the system.
    history_alone,  ///< A record without an epoch: it was overtaken.
  };

  /// Looks for the write of `token`: its state, or its record at or just behind the transition's
  /// time.
  Result<Trace> find_write(const std::string& token,
                           const std::optional<Transition>& transition) const;

  const TransitionLog& log() const { return log_; }
  Storage& storage() const { return storage_; }

 private:
  Result<void> confirm() const;

  Storage& storage_;
  TransitionLog log_;
};

}  // namespace rz
