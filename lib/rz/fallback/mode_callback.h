#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode.h"

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

}  // namespace rz
#pragma GCC visibility pop
