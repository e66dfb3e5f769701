#pragma once

#include "rz/base/clock.h"
#include "rz/fallback/mode_callback.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/store_status.h"

namespace rz::fallback {

/// The calls of `state` at `now`, by the time that all hosts share.
CallbackList list_calls(const ModeState& state, TimePoint now, StoreStatus status);

}  // namespace rz::fallback
