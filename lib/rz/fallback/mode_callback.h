#pragma once

#include <functional>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"

#pragma GCC visibility push(default)
namespace rz {

/// What is done on entering a mode. An error is reported and undoes nothing.
using ModeCallback = std::function<Result<void>(const Transition&)>;

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
