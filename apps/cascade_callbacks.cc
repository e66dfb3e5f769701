#include "cascade_callbacks.h"

#include <algorithm>
#include <string>

#include "cascade_answer.h"
#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/runtime/tell.h"

namespace rz {

namespace {

// Without a word it lists them. `retry` and `drop` are about one of them.
Result<CallbackList> list_or_order(FallbackManager& manager, const cli::Arguments& arguments) {
  const auto action = arguments.operand("ACTION");
  const auto call = arguments.operand("EPOCH");
  if (!action) return manager.callbacks();
  if (*action != "retry" && *action != "drop") {
    return fail(ErrorCode::invalid_argument,
                "'" + printable(*action) + "' cannot be done with a callback; use retry or drop");
  }
  if (!call) {
    return fail(ErrorCode::invalid_argument,
                *action + " needs the EPOCH of a callback; 'rz cascade callbacks' lists them");
  }
  return *action == "retry" ? manager.retry_callback(*call) : manager.drop_callback(*call);
}

bool has_run(const CallbackList& list, const std::string& name) {
  return std::any_of(list.calls.begin(), list.calls.end(), [&](const ListedCallback& each) {
    const Transition& transition = each.transition;
    const bool named = transition.writer == name ||
                       (transition.epoch && std::to_string(*transition.epoch) == name);
    return named && each.state == ListedCallback::State::ran;
  });
}

}  // namespace

Result<int> manage_callbacks(cli::Context& context, const cli::Arguments& arguments) {
  const auto list =
      context.while_waiting_for(cli::kStoreAndCallbacks, [&]() -> Result<CallbackList> {
        // One that begins empty owes nothing, whatever was decided.
        if (const auto lasting = context.runtime().lasting_storage(); !lasting) {
          return fail(lasting.error());
        }
        const auto manager = context.runtime().manager();
        return manager ? list_or_order(**manager, arguments) : fail(manager.error());
      });
  if (!list) return fail(list.error());
  context.print(*list);
  runtime::tell(list->store, context.runtime().notices());
  if (list->store.outage) {
    context.runtime().notices().warn(to_string(*list->store.outage) +
                                     "; this is what this host knew last");
    return cli::kCouldNotTell;
  }
  if (arguments.operand("ACTION") != "retry") return cli::kYes;
  return has_run(*list, *arguments.operand("EPOCH")) ? cli::kYes : cli::kNo;
}

}  // namespace rz
