#include "rz/fallback/callbacks/callback_orders.h"

#include <algorithm>
#include <string>
#include <utility>

#include "rz/base/text.h"
#include "rz/fallback/callbacks/owed_callback.h"

namespace rz::fallback {
namespace {

template <class Calls>
auto find_named(Calls& calls, std::string_view name) {
  return std::find_if(calls.begin(), calls.end(),
                      [&](const auto& each) { return is_named(each.transition, name); });
}

ModePlan plan_of(const ModeState& state) { return {.next = state}; }

}  // namespace

bool is_named(const Transition& made, std::string_view name) {
  if (made.epoch && std::to_string(*made.epoch) == name) return true;
  return made.writer == name;
}

ModePlanner plan_retry(std::string_view name, TimePoint shared, IsRunning is_running,
                       OrderOutcome& outcome) {
  return [name, now = shared, is_running = std::move(is_running), &outcome](const ModeState& state,
                                                                            TimePoint) {
    ModePlan plan = plan_of(state);
    outcome = OrderOutcome::no_such_call;
    if (const auto owed = find_named(plan.next.owed, name); owed != plan.next.owed.end()) {
      outcome = is_running(*owed) ? OrderOutcome::is_running : OrderOutcome::done;
      if (outcome == OrderOutcome::done) owed->ask_again(now);
      return plan;
    }
    const auto ended = find_named(plan.next.ended, name);
    if (ended == plan.next.ended.end()) return plan;
    outcome = ended->how == EndedCallback::How::ran ? OrderOutcome::has_run : OrderOutcome::done;
    if (outcome == OrderOutcome::has_run) return plan;
    OwedCallback owed;
    owed.transition = std::move(ended->transition);
    owed.last_failure = std::move(ended->result);
    // It may have ended since the time was asked for; and what is asked for before the end is over.
    owed.asked_at = ended->asked_at;
    owed.ask_again(std::max(now, ended->at + Micros{1}));
    plan.next.ended.erase(ended);
    const auto later =
        std::find_if(plan.next.owed.begin(), plan.next.owed.end(), [&](const OwedCallback& each) {
          return each.transition.timestamp > owed.transition.timestamp;
        });
    plan.next.owed.insert(later, std::move(owed));
    return plan;
  };
}

ModePlanner plan_drop(std::string_view name, TimePoint shared, IsRunning is_running,
                      OrderOutcome& outcome) {
  return [name, now = shared, is_running = std::move(is_running), &outcome](const ModeState& state,
                                                                            TimePoint) {
    ModePlan plan = plan_of(state);
    const auto owed = find_named(plan.next.owed, name);
    outcome = OrderOutcome::no_such_call;
    if (owed == plan.next.owed.end()) return plan;
    outcome = is_running(*owed) ? OrderOutcome::is_running : OrderOutcome::done;
    if (outcome == OrderOutcome::done) {
      end_call(plan.next, OwedCallback(*owed), EndedCallback::How::dropped, now);
    }
    return plan;
  };
}

Result<void> check(OrderOutcome outcome, std::string_view name, const ModeState& state) {
  const std::string quoted = "'" + printable(name) + "'";
  switch (outcome) {
    case OrderOutcome::done: return {};
    case OrderOutcome::is_running:
      return fail(ErrorCode::invalid_argument,
                  "callback " + quoted + " is running now; wait until it has ended");
    case OrderOutcome::has_run:
      return fail(ErrorCode::invalid_argument,
                  "callback " + quoted + " has run and ended well; it is not run again");
    case OrderOutcome::no_such_call: break;
  }
  std::string there;
  for (const OwedCallback& each : state.owed) {
    const Transition& transition = each.transition;
    there += (there.empty() ? "" : ", ") +
             (transition.epoch ? std::to_string(*transition.epoch) : transition.writer);
  }
  return fail(ErrorCode::invalid_argument,
              "no callback is owed for epoch " + quoted + "; " +
                  (there.empty() ? "none is owed" : "owed are " + there));
}

}  // namespace rz::fallback
