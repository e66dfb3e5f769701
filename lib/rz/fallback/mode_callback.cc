#include "rz/fallback/mode_callback.h"

#include "rz/fallback/callbacks/callback_orders.h"

namespace rz {

bool ListedCallback::is_named(std::string_view name) const {
  return fallback::is_named(transition, name);
}

const char* to_string(ListedCallback::State state) {
  switch (state) {
    case ListedCallback::State::due: return "due";
    case ListedCallback::State::waiting: return "waiting";
    case ListedCallback::State::running: return "running";
    case ListedCallback::State::ran: return "ran";
    case ListedCallback::State::given_up: return "given up";
    case ListedCallback::State::dropped: return "dropped";
  }
  return "";
}

}  // namespace rz
