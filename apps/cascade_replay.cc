#include "cascade_replay.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "rz/base/appended_file.h"
#include "rz/base/byte_source.h"
#include "rz/base/counted.h"
#include "rz/base/same_file.h"
#include "rz/config/config.h"
#include "rz/fallback/replay/policy_simulation.h"
#include "rz/fallback/replay/replay_states.h"
#include "rz/fallback/replay/state_record.h"
#include "rz/reports/formats.h"
#include "rz/reports/policy_replay.h"

namespace rz {

Result<StateRecorder> StateRecorder::open(runtime::Runtime& runtime, const std::string& path,
                                          const std::string& state) {
  StateRecorder recorder;
  if (path.empty()) return recorder;
  if (path == "-") {
    return fail(ErrorCode::invalid_argument,
                "--record needs a file: the answer goes to standard output");
  }
  if (!state.empty() && is_same_file(path, state == "-" ? "/dev/stdin" : state)) {
    return fail(ErrorCode::invalid_argument,
                "--record would append to the state that --state reads; name another file", path);
  }
  if (runtime.owns_file(path)) {
    return fail(ErrorCode::invalid_argument,
                "--record would append to the store, the configuration or another file of rz; name "
                "another file",
                path);
  }
  auto opened = open_to_append(path);
  if (!opened) return fail(std::move(opened).error());
  recorder.path_ = path;
  recorder.file_ = std::move(*opened);
  return recorder;
}

void StateRecorder::append(runtime::Runtime& runtime, const HealthState& state,
                           const Evaluation& outcome) const {
  if (!file_) return;
  const fallback::StateRecord record{outcome.decided_at, outcome.votes.own, runtime.scope(), state};
  if (const auto written = append_line(file_.get(), encode(record)); !written) {
    runtime.notices().warn("the state is not recorded: " + path_ + ": " + written.error().message);
  }
}

Result<int> replay_policies(cli::Context& context, const cli::Arguments& arguments) {
  const auto today = context.runtime().config();
  if (!today) return fail(today.error());
  reports::PolicyReplay replay;
  std::vector<fallback::PolicySimulation> policies;
  replay.scope = context.runtime().scope();
  replay.rows.push_back({(*today)->path, {}});
  policies.emplace_back((*today)->fallback);
  for (const std::string& path : arguments.all("--policy")) {
    const auto candidate = config::load_config(path);
    if (!candidate) return fail(candidate.error());
    replay.rows.push_back({path, {}});
    policies.emplace_back(candidate->fallback);
  }
  std::vector<std::string> paths = arguments.operands("FILE");
  if (paths.empty()) paths.emplace_back("-");
  if (std::count(paths.begin(), paths.end(), "-") > 1) {
    return fail(ErrorCode::invalid_argument, "standard input can be read only once; name '-' once");
  }
  std::vector<std::unique_ptr<ByteSource>> opened;
  std::vector<fallback::StateSource> sources;
  for (const std::string& path : paths) {
    auto source = open_byte_source(path);
    if (!source) return fail(std::move(source).error());
    opened.push_back(std::move(*source));
    sources.push_back({opened.back().get(), input_name(path)});
  }
  auto replayed = context.while_waiting_for("the recorded states", [&] {
    return fallback::replay_states(sources, replay.scope, policies);
  });
  if (!replayed) return fail(std::move(replayed).error());
  if (replayed->states == 0) {
    const std::string whose = replay.scope.empty() ? "no scope" : "scope '" + replay.scope + "'";
    return fail(ErrorCode::not_found,
                replayed->of_other_scopes == 0
                    ? "the input holds no state; record some with 'rz cascade --record FILE'"
                    : "the input holds states of other scopes only (" +
                          counted(static_cast<std::size_t>(replayed->of_other_scopes), "state") +
                          "), and none of " + whose + "; name one with --scope");
  }
  replay.replayed = *replayed;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    replay.rows[i].history = policies[i].history();
  }
  context.print(replay);
  return cli::kYes;
}

}  // namespace rz
