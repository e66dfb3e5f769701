#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode.h"
#include "rz/fallback/store_status.h"

#pragma GCC visibility push(default)
namespace rz {

/// What a run of a callback left behind for people.
struct CallbackOutput {
  std::optional<int> exit_code{};  ///< Of a program that ended by itself.
  std::string text{};              ///< What it printed; only the beginning is kept.
};

/// A run of a callback: the transition that it is for, and how things stand when it begins.
struct CallbackRun : Transition {
  CallbackRun(Transition made)  // NOLINT(google-explicit-constructor): it is one, with more.
      : Transition(std::move(made)), current_mode(to) {}

  Mode current_mode;         ///< Of the system; another one than `to` if others have decided since.
  Millis late{0};            ///< Since the transition.
  std::string scope{};       ///< Whose mode it is; empty: that of the whole system.
  CallbackOutput* output{};  ///< What the callback may fill in; never null while it runs.
};

/// What is done on entering a mode: a function of a CallbackRun, or of a Transition where that is
/// enough. An error is reported and undoes nothing.
using ModeCallback = std::function<Result<void>(const CallbackRun&)>;

/// How a mode's callback is run until it has ended well, or is given up.
struct CallbackLimits {
  int attempts = 3;                          ///< So many runs that end badly; then it is given up.
  Millis max_age{std::chrono::minutes{15}};  ///< Counted from the transition; then it is given up.
  /// The longest that one run may take. A claim that is older by this and a little is that of a
  /// process that has died.
  Millis timeout{std::chrono::seconds{30}};
};

/// A call of a callback, as people see it.
struct ListedCallback {
  enum class State {
    due,       ///< The next rz on a host with such a callback runs it.
    waiting,   ///< After a run that ended badly, until `next_run`.
    running,   ///< Somebody has claimed it, until `next_run` at the latest.
    ran,       ///< It ended well.
    given_up,  ///< All attempts ended badly, or it was too old.
    dropped    ///< A person took it off the list.
  };

  Transition transition;  ///< What it is for. `writer` names it where there is no epoch.
  State state = State::due;
  std::optional<TimePoint> next_run{};
  int failed = 0;  ///< Runs that ended badly, since a person last asked for it.
  /// Of the last run, by the time that all hosts share; nothing: there was none.
  std::optional<TimePoint> ended_at{};
  std::string host{};              ///< Where that was.
  std::optional<int> exit_code{};  ///< Of a program that ended by itself.
  /// The beginning of what it printed; where there is no exit code, why there is none before it.
  std::string output{};

  /// Whether an order may mean it by `name`: its epoch, or the token of its transition.
  bool is_named(std::string_view name) const;
  bool owed() const { return state <= State::running; }
};

/// `due`, `waiting`, `running`, `ran`, `given up`, `dropped`.
const char* to_string(ListedCallback::State state);

/// The calls that are owed, in the order of their transitions, after those that ended last.
struct CallbackList {
  std::vector<ListedCallback> calls{};
  TimePoint now{};  ///< When they were read, by the time that all hosts share.
  StoreStatus store{};
};

}  // namespace rz
#pragma GCC visibility pop
