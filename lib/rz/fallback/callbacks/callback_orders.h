#pragma once

#include <functional>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/mode_plan.h"
#include "rz/fallback/mode_state.h"

namespace rz::fallback {

/// What came of an order about one call.
enum class OrderOutcome { no_such_call, is_running, has_run, done };

/// Whether an order about a call means the one of `made` by `name`: its epoch, or its token.
bool is_named(const Transition& made, std::string_view name);

/// Whether somebody runs a call now, as far as this host can tell.
using IsRunning = std::function<bool(const OwedCallback&)>;

/// Makes the call that `name` names (its epoch, or the token of its transition) due at once, with
/// all its attempts and all its time; also one that was given up or dropped. `shared`: the time
/// that all hosts share, by which claims go. `name` and `outcome` must outlive the planner.
ModePlanner plan_retry(std::string_view name, TimePoint shared, IsRunning is_running,
                       OrderOutcome& outcome);

/// Takes the call that `name` names off the list.
ModePlanner plan_drop(std::string_view name, TimePoint shared, IsRunning is_running,
                      OrderOutcome& outcome);

/// The error for an outcome other than done: invalid_argument, with what is owed in `state`.
Result<void> check(OrderOutcome outcome, std::string_view name, const ModeState& state);

}  // namespace rz::fallback
