#include "rz/fallback/callback_list.h"

#include <optional>
#include <utility>

#include "rz/fallback/list_calls.h"
#include "rz/fallback/owed_callback.h"

namespace rz {
namespace {

using fallback::CallbackResult;
using fallback::EndedCallback;
using fallback::OwedCallback;

void add_result(const std::optional<CallbackResult>& result, ListedCallback& listed) {
  if (!result) return;
  listed.ended_at = result->at;
  listed.host = result->host;
  listed.exit_code = result->exit_code;
  listed.output = result->output;
}

ListedCallback listed_of(const EndedCallback& call) {
  using State = ListedCallback::State;
  ListedCallback listed{call.transition};
  listed.state = call.how == EndedCallback::How::ran        ? State::ran
                 : call.how == EndedCallback::How::given_up ? State::given_up
                                                            : State::dropped;
  listed.failed = call.failed;
  add_result(call.result, listed);
  return listed;
}

ListedCallback listed_of(const OwedCallback& owed, TimePoint now) {
  ListedCallback listed{owed.transition};
  listed.failed = owed.attempts;
  add_result(owed.last_failure, listed);
  if (owed.is_claimed(now)) {
    listed.state = ListedCallback::State::running;
    listed.next_run = owed.claimed_at + owed.lease;
  } else if (owed.waits(now)) {
    listed.state = ListedCallback::State::waiting;
    listed.next_run = owed.not_before;
  }
  return listed;
}

}  // namespace

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

namespace fallback {

CallbackList list_calls(const ModeState& state, TimePoint now, StoreStatus status) {
  CallbackList list{{}, now, std::move(status)};
  for (const EndedCallback& each : state.ended) list.calls.push_back(listed_of(each));
  for (const OwedCallback& each : state.owed) list.calls.push_back(listed_of(each, now));
  return list;
}

}  // namespace fallback
}  // namespace rz
