#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/file.h"
#include "rz/base/result.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/transition.h"

namespace rz {

/// One decision that was made while the store was away.
struct SpoolEntry {
  ModeState before;  ///< What it was decided on.
  ModeState after;   ///< `writer` is the token by which its write is recognised in the store.
  std::optional<Transition> transition;  ///< Nothing: the mode stayed (a pin, a good evaluation).

  bool operator==(const SpoolEntry&) const = default;
};

/// What a spool has set aside because it could not be read.
struct SpoolDamage {
  std::size_t lines = 0;
  std::string path;  ///< Where they are now.

  /// For a person; empty if there is none.
  std::string sentence() const;
};

/// What this host and user know of one store while it cannot be reached: the mode last seen there,
/// and every decision since, in order.
///
/// Files in `folder`, named after the store and readable by their owner alone: `NAME.known` (the
/// state last seen), `NAME.spool` (entries, a JSON line each), `NAME.lock` (of these two) and
/// `NAME.turn` (of the replay); lines that cannot be read go to `NAME.damaged`. An entry that was
/// appended has reached the disk. A crash leaves at most one half-written last line, of a decision
/// that nobody was told of.
///
/// Thread-safe, and safe among processes, by the lock file.
class Spool {
 public:
  /// `store`: what tells this store from others; no secret. `patience`: so long another process is
  /// waited for. The folder is made when it is needed.
  Spool(std::string folder, std::string store, Millis patience = std::chrono::seconds{15});

  /// Whether there may be entries. One look at the file system, without the lock.
  bool pending() const;

  /// The stores, other than this one, that decisions of this host wait for: one whose URL was
  /// changed would never be thought of again. One whose name cannot be read comes as its file.
  std::vector<std::string> other_stores() const;

  /// Keeps `state`, which was read at `seen`, as the one last seen, unless a later one is kept or
  /// another process has the spool just now. Errors: unavailable.
  Result<void> remember(const ModeState& state, TimePoint seen);

  /// The spool while this object has the lock.
  class Session {
   public:
    /// The state to decide on: that after the last entry, else the one last seen; nothing if the
    /// mode was never known here.
    const std::optional<ModeState>& state() const { return state_; }
    const std::vector<SpoolEntry>& entries() const { return entries_; }
    /// How many of the entries are transitions.
    std::size_t transitions() const;
    const SpoolDamage& damage() const { return damage_; }
    /// When the store was last seen; nothing if it never was.
    std::optional<TimePoint> seen() const { return seen_; }

    /// Adds an entry and waits until it is on the disk. After an error it is not there.
    /// Errors: unavailable.
    Result<void> append(SpoolEntry entry);

    /// Takes the first `count` entries out. Where none is left, `known`, which was read at `seen`,
    /// is kept as last seen before they go. Errors: unavailable; they may then still be there.
    Result<void> drop_front(std::size_t count, const ModeState& known, TimePoint seen);

    /// As Spool::remember. While there are entries it does nothing: they know better.
    Result<void> remember(const ModeState& state, TimePoint seen);

   private:
    friend class Spool;
    Session(const Spool& spool, UniqueFd lock) : spool_(spool), lock_(std::move(lock)) {}
    Result<void> load();
    Result<void> set_aside(const std::vector<std::string_view>& lines);
    Result<void> write_entries() const;
    Result<void> write_known(const ModeState& state, TimePoint seen);

    const Spool& spool_;
    UniqueFd lock_;
    std::vector<SpoolEntry> entries_;
    std::optional<ModeState> state_;
    std::optional<TimePoint> seen_;  ///< Of the state that is kept as last seen.
    SpoolDamage damage_;
  };

  /// Waits for the lock and reads the files. The lock is held for as long as the session lives: not
  /// for a call to a store. Errors: timeout (another process has held it for `wait`), unavailable,
  /// corrupt (a file that others can write to).
  Result<Session> open();

  /// The turn to replay, which one process has at a time, until the descriptor is closed; entries
  /// may be appended meanwhile. Errors: timeout, and as open().
  Result<UniqueFd> take_turn() const { return take_lock(".turn", patience_); }

 private:
  struct Known {
    std::optional<ModeState> state;
    std::optional<TimePoint> seen;
  };
  std::string path(const char* ending) const { return folder_ + "/" + name_ + ending; }
  Result<UniqueFd> take_lock(const char* ending, Millis wait) const;
  Result<Known> read_known() const;

  std::string folder_;
  std::string store_;
  std::string name_;
  Millis patience_;
};

/// The folder of spools: `spool` beside the default store's file.
/// Errors: not_found if there is neither a home nor a state folder.
Result<std::string> default_spool_folder();

}  // namespace rz
