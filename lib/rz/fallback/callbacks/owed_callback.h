#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode_callback.h"

namespace rz::fallback {

/// How a run of a callback ended.
struct CallbackResult {
  TimePoint at{};    ///< By the time that all hosts share.
  std::string host;  ///< Where it ran.
  /// What a person should see of it: the exit code, if a program ended by itself, and the beginning
  /// of what it printed.
  std::optional<int> exit_code{};
  std::string output{};

  bool operator==(const CallbackResult&) const = default;
};

/// How much of what a callback prints is kept, in bytes.
inline constexpr std::size_t kCallbackOutputMax = 400;

/// A callback that is still to be run for a transition. It is stored in the transition's own commit
/// and goes when one run has ended well or it is given up. Whoever runs it claims it first, for a
/// time, so that no two run it at once and a process that dies leaves it to others: at once to
/// whoever sees that nothing it started runs any more, else when the lease ends.
struct OwedCallback {
  /// The transition that it is for. Reason and detail are cut to what a program can be given, and
  /// `writer` names this call among all.
  Transition transition;
  std::string claim;    ///< The token of who runs it; empty: nobody.
  std::string process;  ///< The process_name() of who runs it.
  /// The CallLocks::folder_token() of who runs it, in whose folder the lock of the run is. Empty:
  /// there is no lock, or an earlier rz claimed it.
  std::string folder{};
  /// By the time that all hosts share, or as first seen where that is ahead of a host's clock.
  TimePoint claimed_at{};
  Millis lease{0};                               ///< How long the claim stands from then on.
  int failed = 0;                                ///< Runs that ended badly.
  TimePoint not_before{};                        ///< When the next run is due.
  std::optional<CallbackResult> last_failure{};  ///< Of the last run that ended badly.
  /// When a person asked for it again: its attempts and its age count from then. Nothing: nobody
  /// has.
  std::optional<TimePoint> asked_at{};

  bool is_claimed(TimePoint now) const;
  /// Whether so much of the lease has passed that a run which begins now might outlast it.
  bool needs_renewal(TimePoint now) const;
  /// Whether the next run after a failure is not due yet. A time that is farther away than the
  /// longest wait comes from a clock that was ahead, and does not count.
  bool waits(TimePoint now) const;
  bool is_given_up(const CallbackLimits& limits, TimePoint now) const;

  /// Whether the process that claimed it has surely ended, and the lock of its run is in the folder
  /// of `own_folder`: only who has that folder sees whether what it started still runs.
  bool is_abandoned(const std::string& own_folder) const;

  /// Claims it for one run by this process, which has its lock in `own_folder`; empty: it has none,
  /// and the lease alone counts.
  void claim_for(const std::string& token, const CallbackLimits& limits, TimePoint now,
                 std::string own_folder = {});
  /// Leaves it to whoever comes first.
  void give_back();
  /// Makes it due at once, with all its attempts and all its time, as a person asks at `now`, or
  /// just after the last time that somebody asked.
  void ask_again(TimePoint now);
  /// Gives it back after a run that ended badly.
  void count_failure(CallbackResult result);

  bool operator==(const OwedCallback&) const = default;
};

/// A call that is not owed any more: what is left of it for people.
struct EndedCallback {
  enum class How { ran, given_up, dropped };

  /// Reason and detail are cut. Of one that has run, the detail is left out; another one may be
  /// asked for again.
  Transition transition;
  How how = How::ran;
  /// When it ended, by the time that all hosts share, but not before a person asked for it.
  TimePoint at{};
  int failed = 0;  ///< Runs that ended badly.
  /// When a person had last asked for it again, as far as who ended it knew.
  std::optional<TimePoint> asked_at{};
  /// Of the last run; nothing: there was none.
  std::optional<CallbackResult> result{};

  /// Whether this is the end of `owed`, as it is known elsewhere. What has run well is not run
  /// again, whoever asks. An order of a person outranks an earlier one, and whoever gave the call
  /// up without knowing of it.
  bool ends(const OwedCallback& owed) const;

  bool operator==(const EndedCallback&) const = default;
};

/// How many calls that have ended are remembered.
inline constexpr std::size_t kEndedCallbacksMax = 5;

/// What is remembered of `owed`, which ends at `at`. `result`: of the run that ended well.
EndedCallback ended(const OwedCallback& owed, EndedCallback::How how, TimePoint at,
                    std::optional<CallbackResult> result);

/// Adds `call` as the newest, in place of what was known of it: the later one, but one that has run
/// stays that.
void note_ended(std::vector<EndedCallback>& calls, EndedCallback call);

/// Removes the oldest ones for which there is no room.
void cut_ended(std::vector<EndedCallback>& calls);

/// Both of these.
void add_ended(std::vector<EndedCallback>& calls, EndedCallback call);

/// The end of the call that was written with `token`; null: there is none.
const EndedCallback* find_ended(const std::vector<EndedCallback>& calls, const std::string& token);

/// The call among `owed` whose transition was written with `token`; null: there is none.
const OwedCallback* find_call(const std::vector<OwedCallback>& owed, const std::string& token);
OwedCallback* find_call(std::vector<OwedCallback>& owed, const std::string& token);

/// The call that is claimed with the token `claim`; null: there is none, or `claim` is empty.
OwedCallback* find_claimed(std::vector<OwedCallback>& owed, const std::string& claim);

/// Removes that call from the list, if it is there.
void remove_call(std::vector<OwedCallback>& owed, const std::string& token);

/// What is owed for `transition`, claimed for its writer, who is about to run it; `own_folder` as
/// in OwedCallback::claim_for().
OwedCallback owe(const Transition& transition, const CallbackLimits& limits, TimePoint now,
                 std::string own_folder = {});

/// What is stored of a call.
Value to_stored(const OwedCallback& owed);

/// Reads it. Errors: corrupt, naming the field.
Result<OwedCallback> owed_callback_from(const Value& value);

/// The same for one that has ended. It is for people alone: what cannot be read is left out.
Value to_stored(const EndedCallback& call);
std::optional<EndedCallback> ended_callback_from(const Value& value);

/// The word for it: `ran`, `given up`, `dropped`.
const char* to_string(EndedCallback::How how);

}  // namespace rz::fallback
