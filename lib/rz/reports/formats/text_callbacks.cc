#include <algorithm>
#include <string>

#include "rz/base/counted.h"
#include "rz/base/duration.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/mode_callback.h"
#include "rz/reports/formats.h"

namespace rz::reports {
namespace {

// `epoch 7 to safe, 2 min ago`.
std::string headline_of(const ListedCallback& call, TimePoint now) {
  const Transition& transition = call.transition;
  const Micros age = std::max(now - transition.timestamp, Micros{0});
  return (transition.epoch ? "epoch " + std::to_string(*transition.epoch)
                           : "token " + transition.writer) +
         " to " + to_string(transition.to) + ", " + humanize_duration(age) + " ago";
}

std::string state_of(const ListedCallback& call, TimePoint now) {
  std::string state = to_string(call.state);
  if (call.next_run) {
    const std::string left = humanize_duration(std::max(*call.next_run - now, Micros{0}));
    state += call.state == ListedCallback::State::running ? ", for " + left + " at most"
                                                          : ", due in " + left;
  }
  if (call.failed > 0) state += ", " + counted(static_cast<std::size_t>(call.failed), "failed run");
  return state;
}

Color color_of_call(ListedCallback::State state) {
  switch (state) {
    case ListedCallback::State::ran: return Color::green;
    case ListedCallback::State::given_up: return Color::red;
    case ListedCallback::State::dropped: return Color::none;
    default: return Color::yellow;
  }
}

void write_call(const ListedCallback& call, TimePoint now, Page& page) {
  page.line(Painted{state_of(call, now), color_of_call(call.state)}, ": ", headline_of(call, now),
            ": ", call.transition.reason);
  if (!call.ended_at) return;
  const std::string code =
      call.exit_code ? "exit code " + std::to_string(*call.exit_code) : std::string("no exit code");
  page.line("  last run on ", call.host, " ended ", format_timestamp(*call.ended_at), ", ", code,
            call.output.empty() ? "" : ":");
  if (!call.output.empty()) page.line("  | ", call.output);
}

}  // namespace

void Text::write(const CallbackList& list, Page& page) {
  const auto owed = std::count_if(list.calls.begin(), list.calls.end(),
                                  [](const ListedCallback& each) { return each.owed(); });
  page.line(owed == 0 ? std::string("no callbacks are owed")
                      : counted(static_cast<std::size_t>(owed), "callback") +
                            (owed == 1 ? " is owed" : " are owed"));
  if (!list.calls.empty()) page.line("");
  for (const ListedCallback& each : list.calls) write_call(each, list.now, page);
}

}  // namespace rz::reports
