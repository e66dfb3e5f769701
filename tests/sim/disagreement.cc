#include "sim/disagreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/history/transition_log.h"
#include "sim/scheduler.h"
#include "sim/store.h"

namespace rz::sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

bool evaluate(Server& server, Clock& clock, const std::string& host, int quorum, int failed) {
  FallbackManagerOptions options;
  options.actor = "ops";
  options.host = host;
  options.votes = {.quorum = quorum, .voter = host};
  FallbackManager manager(server.storage(), std::move(options), clock);
  HealthState health;
  health.system.failed_components = failed;
  return manager.cascade(health).has_value();
}

// Nothing: an evaluation failed.
std::optional<std::ptrdiff_t> transitions_of_an_hour(int quorum) {
  Scheduler scheduler(1);
  Server server(scheduler);
  const Micros ahead{0};
  HostClock clock(scheduler, ahead);
  for (int minute = 0; minute < 60; ++minute) {
    if (!evaluate(server, clock, "web-1", quorum, 2)) return std::nullopt;
    if (!evaluate(server, clock, "web-2", quorum, 0)) return std::nullopt;
    scheduler.wait(minutes{1});
  }
  const auto history = fallback::TransitionLog(server.storage(), hours{24}).list({});
  if (!history) return std::nullopt;
  return std::count_if(history->begin(), history->end(),
                       [](const Transition& each) { return each.changes_mode(); });
}

}  // namespace

bool simulate_disagreement() {
  const auto one = transitions_of_an_hour(1);
  const auto two = transitions_of_an_hour(2);
  fmt::print(
      "two hosts that disagree for an hour, each every minute: {} transitions with a quorum of 1, "
      "{} with a quorum of 2\n",
      one.value_or(-1), two.value_or(-1));
  return one == 1 && two == 0;
}

}  // namespace rz::sim
