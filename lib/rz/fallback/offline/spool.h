#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/file.h"
#include "rz/base/result.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/offline/call_locks.h"
#include "rz/fallback/offline/host_notes.h"
#include "rz/fallback/offline/own_file.h"
#include "rz/fallback/offline/spool_entry.h"

namespace rz::fallback {

/// The part of a spool that cannot be read. It is reported until a person has removed the file.
struct SpoolDamage {
  std::size_t lines = 0;
  std::string path;    ///< Where they are now.
  bool known = false;  ///< Whether it is (also) the state last seen that cannot be read.

  bool any() const { return lines > 0 || known; }
  /// For a person; empty if there is none.
  std::string sentence() const;
};

/// What a spool holds.
struct SpoolView {
  std::optional<ModeState> known;   ///< Last seen in the store, or put there; nothing: never.
  std::optional<HostTime> seen;     ///< When that was.
  HostNotes notes{};                ///< What is kept with it.
  std::vector<SpoolEntry> entries;  ///< Decisions since, in order.
  SpoolDamage damage;
  /// Whether another state was seen in the store since `known`, and could not be kept.
  bool outdated = false;

  /// The state to decide from: the one after the last decision, else the one last seen; nothing if
  /// this host has never known the mode.
  std::optional<ModeState> state() const;
  /// How many of the decisions are transitions.
  std::size_t transitions() const;
  /// How many are pins or releases that change no mode.
  std::size_t orders() const;
};

/// What this host and user know of one store while it cannot be reached: the mode last seen there,
/// and every decision since, in order.
///
/// Files in `folder`, named after the store and readable by their owner alone: `NAME.known` (the
/// state last seen; `NAME.outdated` where a later one could not be written), `NAME.later` (one that
/// was seen while another process had the lock), `NAME.spool` (entries, a JSON line each),
/// `NAME.lock` (of these) and `NAME.turn` (of the drain); lines that cannot be read go to
/// `NAME.damaged`. An entry that was appended has reached the disk.
///
/// Thread-safe, and safe among processes, by the lock file.
class Spool {
 public:
  /// `store`: what tells this store from others; no secret. `patience`: so long another process is
  /// waited for. The folder is made when it is needed.
  Spool(std::string folder, std::string store, Millis patience = std::chrono::seconds{5});

  /// Whether there may be entries. One look at the file system, without the lock.
  bool pending() const;

  /// Other stores for which decisions of this host wait: nobody would think of them again after the
  /// URL was changed. A store whose name cannot be read is named by its file.
  std::vector<std::string> other_stores() const;

  /// Reads what is there, without the lock and without changing anything. Errors: unavailable,
  /// corrupt (a file that others can write to).
  Result<SpoolView> peek() const;

  /// The state last seen, and the damage; without the entries.
  Result<SpoolView> peek_known() const;

  /// Keeps `state`, which was read at `seen`, as the one last seen, unless a later one is kept (see
  /// has_lost): versions decide, no clock. `wait`: so long another process is waited for; if it
  /// holds the lock for longer, the state is kept beside the others.
  /// `notes` replace those that are kept; nothing: they stay. Errors: unavailable.
  Result<void> remember(const ModeState& state, const HostTime& seen, Millis wait = Millis{0},
                        const std::optional<HostNotes>& notes = std::nullopt);

  /// Whether this user can write in the folder; it need not exist yet. Errors: unavailable (a
  /// file system that is read-only, no rights).
  Result<void> check_writable() const;

  /// Removes everything that is kept here, and keeps `state` as the one last seen. Errors: as
  /// open().
  Result<void> forget(const ModeState& state, const HostTime& seen);

  /// The spool while this object has the lock.
  class Session {
   public:
    const SpoolView& view() const { return view_; }
    const std::vector<SpoolEntry>& entries() const { return view_.entries; }
    const SpoolDamage& damage() const { return view_.damage; }

    /// Adds entries and waits until they are on the disk. After an error none of them is there.
    /// Errors: unavailable.
    Result<void> append(const std::vector<SpoolEntry>& entries);

    /// Removes the entries of `settled` with which the spool still begins: if it was forgotten
    /// since, it may have other entries by now. If none is left, `known`, which was read at `seen`,
    /// is first kept as last seen. Errors: unavailable; they may then still be there.
    Result<void> drop_front(std::span<const SpoolEntry> settled, const ModeState& known,
                            const HostTime& seen);

    /// As Spool::remember.
    Result<void> remember(const ModeState& state, const HostTime& seen,
                          const std::optional<HostNotes>& notes = std::nullopt);

    /// Keeps `notes`, as far as a state is known that they can stand beside. Errors: unavailable.
    Result<void> note(const HostNotes& notes);

   private:
    friend class Spool;
    Session(Spool& spool, UniqueFd lock) : spool_(spool), lock_(std::move(lock)) {}
    Result<void> load();
    Result<void> write_entries();
    void remove_leftovers();
    Result<void> write_known(const ModeState& state, const HostTime& seen, const HostNotes& notes);

    Spool& spool_;
    UniqueFd lock_;
    SpoolView view_;
  };

  /// Waits for the lock and reads the files; what cannot be read is set aside. The lock is held for
  /// as long as the session lives: not for a call to a store. Errors: timeout (another process has
  /// held it for too long), unavailable, corrupt (a file that others can write to).
  Result<Session> open() { return open(patience_); }
  Result<Session> open(Millis wait);

  /// The locks of calls that run on this host, in the same folder.
  const CallLocks& calls() const { return calls_; }

  /// The lock of the drain, which one process has at a time, until the descriptor is closed.
  /// Entries may be appended meanwhile. Errors: timeout, and as open().
  Result<UniqueFd> lock_drain() { return lock_own(path(".turn"), patience_); }

 private:
  std::string path(const char* ending) const { return folder_ + "/" + name_ + ending; }
  Result<void> read_known(SpoolView& view) const;
  Result<void> read_later(SpoolView& view) const;
  Result<void> remember_later(const ModeState& state, const HostTime& seen,
                              const std::optional<HostNotes>& notes);
  void mark_outdated();
  std::string known_text(const ModeState& state, const HostTime& seen,
                         const HostNotes& notes) const;
  struct DamagedLines {
    std::vector<std::string> lines;
    bool unterminated = false;  ///< Whether the last line lacks its end.
  };
  Result<DamagedLines> read_entries(SpoolView& view, bool whole) const;

  std::string folder_;
  std::string store_;
  std::string name_;
  CallLocks calls_;
  Millis patience_;
};

/// The folder of spools: `spool` beside the default store's file.
/// Errors: not_found if there is neither a home nor a state folder.
Result<std::string> default_spool_folder();

}  // namespace rz::fallback
