#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/fallback/mode.h"
#include "rz/fallback/pin.h"

#pragma GCC visibility push(default)
namespace rz {

/// The mode as it is shown to whoever asks for it. A value.
struct ModeView {
  Mode mode = Mode::primary;
  std::string reason{};  ///< Of the last transition.
  std::string detail{};  ///< What is behind the reason: the components that failed.
  std::int64_t epoch = 0;
  std::optional<TimePoint> since{};  ///< Nothing: no transition has ever been.
  std::optional<Pin> pin{};          ///< Nothing: none, or it has expired.
  std::size_t callbacks_owed = 0;    ///< Callbacks that are still to be run, on whatever host.

  bool is_degraded() const { return mode != Mode::primary; }
  bool is_safe_mode() const { return mode == Mode::safe; }
};

}  // namespace rz
#pragma GCC visibility pop
