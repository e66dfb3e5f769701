#include "rz/fallback/callbacks/list_calls.h"

#include <optional>
#include <utility>

#include "rz/fallback/callbacks/owed_callback.h"

namespace rz::fallback {
namespace {

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
  listed.failed = owed.failed;
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

CallbackList list_calls(const ModeState& state, TimePoint now, StoreStatus status) {
  CallbackList list{{}, now, std::move(status)};
  for (const EndedCallback& each : state.ended) list.calls.push_back(listed_of(each));
  for (const OwedCallback& each : state.owed) list.calls.push_back(listed_of(each, now));
  return list;
}

}  // namespace rz::fallback
