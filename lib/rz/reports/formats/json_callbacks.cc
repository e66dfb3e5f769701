#include <utility>

#include "rz/base/timestamp.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode_callback.h"
#include "rz/reports/formats.h"

namespace rz::reports {
namespace {

Value to_value(const ListedCallback& call) {
  const Transition& transition = call.transition;
  Value value = Value::object({{"epoch", transition.epoch ? Value(*transition.epoch) : Value()},
                               {"token", transition.writer},
                               {"timestamp", format_timestamp(transition.timestamp)},
                               {"from", to_string(transition.from)},
                               {"to", to_string(transition.to)},
                               {"reason", transition.reason},
                               {"state", to_string(call.state)},
                               {"failed", call.failed}});
  if (call.next_run) value.set("next_run", format_timestamp(*call.next_run));
  if (!call.ended_at) return value;
  value.set("last_run",
            Value::object({{"at", format_timestamp(*call.ended_at)},
                           {"host", call.host},
                           {"exit_code", call.exit_code ? Value(*call.exit_code) : Value()},
                           {"output", call.output}}));
  return value;
}

}  // namespace

void Json::write(const CallbackList& list, Page& page) {
  Value calls = Value::array();
  for (const ListedCallback& each : list.calls) calls.push_back(to_value(each));
  Value document =
      Value::object({{"schema", "rz.cascade.callbacks/1"}, {"callbacks", std::move(calls)}});
  if (list.store.outage) document.set("offline", true);
  page.json(document);
}

}  // namespace rz::reports
