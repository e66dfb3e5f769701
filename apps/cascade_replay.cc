#include "cascade_replay.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "rz/base/byte_source.h"
#include "rz/config/config.h"
#include "rz/fallback/replay/policy_simulation.h"
#include "rz/fallback/replay/replay_states.h"
#include "rz/fallback/replay/state_record.h"
#include "rz/reports/formats.h"
#include "rz/reports/policy_replay.h"

namespace rz {

Result<StateRecorder> StateRecorder::open(const std::string& path) {
  StateRecorder recorder;
  if (path.empty()) return recorder;
  recorder.path_ = path;
  recorder.file_.reset(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  if (recorder.file_) return recorder;
  return fail(ErrorCode::unavailable, "cannot write: " + errno_text(errno), path);
}

void StateRecorder::append(runtime::Runtime& runtime, const HealthState& state,
                           const std::string& host) const {
  if (!file_) return;
  const std::string line = encode(fallback::StateRecord{runtime.clock().now(), host, state}) + "\n";
  if (const auto written = write_all(file_.get(), line); !written) {
    runtime.notices().warn("the state is not recorded: " + path_ + ": " + written.error().message);
  }
}

Result<int> replay_policies(cli::Context& context, const cli::Arguments& arguments) {
  const auto today = context.runtime().config();
  if (!today) return fail(today.error());
  reports::PolicyReplay replay;
  std::vector<fallback::PolicySimulation> policies;
  replay.rows.push_back({(*today)->path, {}});
  policies.emplace_back((*today)->fallback);
  for (const std::string& path : arguments.all("--policy")) {
    const auto candidate = config::load_config(path);
    if (!candidate) return fail(candidate.error());
    replay.rows.push_back({path, {}});
    policies.emplace_back(candidate->fallback);
  }
  const std::string path = arguments.operand("FILE").value_or("-");
  const auto source = open_byte_source(path);
  if (!source) return fail(source.error());
  auto replayed = context.while_waiting_for("the recorded states", [&] {
    return fallback::replay_states(**source, input_name(path), policies);
  });
  if (!replayed) return fail(std::move(replayed).error());
  replay.replayed = *replayed;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    replay.rows[i].history = policies[i].history();
  }
  context.print(replay);
  return cli::kYes;
}

}  // namespace rz
