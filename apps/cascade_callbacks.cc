#include "cascade_callbacks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cascade_answer.h"
#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/runtime/tell.h"

namespace rz {

namespace {

// `retry` and `drop` are about one call; without a word they are listed.
Result<void> check(const cli::Arguments& arguments) {
  const auto action = arguments.operand("ACTION");
  if (!action) return {};
  if (*action != "retry" && *action != "drop") {
    return fail(ErrorCode::invalid_argument,
                "'" + printable(*action) + "' cannot be done with a callback; use retry or drop");
  }
  if (arguments.operand("EPOCH")) return {};
  return fail(ErrorCode::invalid_argument,
              *action + " needs the EPOCH of a callback; 'rz cascade callbacks' lists them");
}

Result<CallbackList> list_or_order(FallbackManager& manager, const cli::Arguments& arguments) {
  const auto action = arguments.operand("ACTION");
  if (!action) return manager.callbacks();
  const std::string call = *arguments.operand("EPOCH");
  return *action == "retry" ? manager.retry_callback(call) : manager.drop_callback(call);
}

bool has_run(const CallbackList& list, const std::string& name) {
  return std::any_of(list.calls.begin(), list.calls.end(), [&](const ListedCallback& each) {
    return each.is_named(name) && each.state == ListedCallback::State::ran;
  });
}

}  // namespace

Result<int> manage_callbacks(cli::Context& context, const cli::Arguments& arguments) {
  // Told before the store is asked.
  if (auto right = check(arguments); !right) return fail(std::move(right).error());
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
