#include "rz/fallback/mode_view.h"

#include "rz/fallback/mode_state.h"

namespace rz {

ModeView view_of(const ModeState& state, TimePoint now) {
  ModeView view{state.mode, state.reason, state.detail, state.epoch, {}, {}, state.owed.size()};
  if (state.epoch > 0) view.since = state.since;
  if (state.pinned(now)) view.pin = state.pin;
  return view;
}

}  // namespace rz
