#include "rz/health/checks/systemd_check.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "rz/base/duration.h"
#include "rz/base/process.h"
#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/checks/program_limits.h"
#include "rz/health/checks/restarts.h"
#include "rz/health/judging/findings.h"
#include "rz/health/machine/uptime.h"

namespace rz::health {
namespace {

using Properties = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kMaxShownError = 200;

Properties parse_properties(const std::string& output) {
  Properties properties;
  for (const std::string_view line : split(output, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    properties.emplace(line.substr(0, equals), trim(line.substr(equals + 1)));
  }
  return properties;
}

class SystemdCheck final : public BasicCheck {
 public:
  SystemdCheck(SystemdCheckOptions options, std::string systemctl)
      : BasicCheck(SystemdCheckOptions::kType, options),
        options_(std::move(options)),
        systemctl_(std::move(systemctl)) {}

  // systemctl is a messenger: its silence tells nothing, so this check ends it itself.
  Millis timeout() const override { return options_.timeout + kProgramEndGrace; }

  CheckResult check() override {
    const Value metadata = Value::object({{"unit", options_.unit}});
    std::vector<std::string> argv = {systemctl_,
                                     options_.user ? "--user" : "--system",
                                     "--no-pager",
                                     "show",
                                     "--property=LoadState,ActiveState,SubState,Result,NRestarts,"
                                     "InactiveExitTimestampMonotonic",
                                     "--",
                                     options_.unit};
    const auto run = run_process({.argv = std::move(argv),
                                  .environment = {{"LC_ALL", "C"}},
                                  .timeout = options_.timeout,
                                  .max_output = kMaxProgramOutput});
    if (!run && run.error().code == ErrorCode::not_found) {
      return answer(HealthStatus::unknown, systemctl_ + ": is not installed; install systemd",
                    metadata);
    }
    if (!run) return answer(HealthStatus::unknown, to_string(run.error()), metadata);
    if (run->timed_out) {
      return answer(HealthStatus::unknown,
                    systemctl_ + ": did not end within " + format_duration(options_.timeout),
                    metadata);
    }
    const Properties properties = parse_properties(run->output);
    if (run->exit_code != 0 || !properties.contains("ActiveState")) return refused(*run, metadata);
    return judge_unit(properties);
  }

 private:
  // As "System has not been booted with systemd as init system (PID 1). Can't operate."
  CheckResult refused(const ProcessResult& run, const Value& metadata) const {
    const std::string_view error =
        trim(std::string_view(run.error).substr(0, run.error.find('\n')));
    const std::string said =
        error.empty() ? "exit code " + std::to_string(run.exit_code) : printable(error);
    return answer(HealthStatus::unknown, systemctl_ + ": " + ellipsize(said, kMaxShownError),
                  metadata);
  }

  CheckResult judge_unit(const Properties& properties) const {
    const auto property = [&](std::string_view name) {
      const auto found = properties.find(name);
      return found == properties.end() ? std::string() : printable(found->second);
    };
    const std::string state = property("ActiveState");
    const std::string sub_state = property("SubState");
    const std::string result = property("Result");
    const auto restarts = parse_int(property("NRestarts"));
    Value metadata = Value::object({{"unit", options_.unit},
                                    {"active_state", state},
                                    {"sub_state", sub_state},
                                    {"result", result}});
    if (restarts) metadata.set("restarts", *restarts);
    add_uptime(property("InactiveExitTimestampMonotonic"), metadata);
    const std::string unit = printable(options_.unit);
    if (property("LoadState") == "not-found") {
      return answer(HealthStatus::unknown, unit + ": no unit has this name", std::move(metadata));
    }
    Findings findings;
    if (!result.empty() && result != "success") {
      findings.add(HealthStatus::unhealthy, "its last run has failed (" + result + ")");
    }
    if (property("LoadState") == "masked") findings.add(HealthStatus::unhealthy, "it is masked");
    judge_state(state, findings);
    judge_restarts(restarts, options_.restarts_warning, findings);
    return answer(findings.status(), unit + ": " + findings.before(state + ", " + sub_state),
                  std::move(metadata));
  }

  // When it began to start, in microseconds of the clock that stands still while the machine
  // sleeps.
  static void add_uptime(const std::string& since, Value& metadata) {
    const auto started = parse_int(since);
    if (!started || *started <= 0) return;
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto uptime = std::chrono::floor<std::chrono::seconds>(now - Micros{*started});
    if (uptime.count() >= 0) metadata.set(kUptimeKey, uptime.count());
  }

  void judge_state(const std::string& state, Findings& findings) const {
    const auto& good = options_.states;
    if (std::find(good.begin(), good.end(), state) != good.end()) return;
    // On its way to one of the good ones, or away from them.
    const bool changing = state == "activating" || state == "deactivating" ||
                          state == "reloading" || state == "maintenance";
    findings.add(changing ? HealthStatus::degraded : HealthStatus::unhealthy,
                 "is " + state + ", expected " + join_or(good));
  }

  SystemdCheckOptions options_;
  std::string systemctl_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, SystemdCheckOptions& options) {
  fields.text({.key = "unit",
               .sentence = "The unit, with its ending.",
               .example = "nginx.service",
               .needed_by = "a systemd check",
               .when_empty = "is empty; name a unit"},
              options.unit);
  const bool given =
      fields.texts({"states", "The states that are healthy.", "[active]"}, options.states);
  if (given && options.states.empty()) fields.error("states", "is empty; name a state");
  static const std::vector<std::string> kStates = {"active",      "reloading",  "inactive",
                                                   "failed",      "activating", "deactivating",
                                                   "maintenance", "refreshing"};
  for (const std::string& state : options.states) {
    if (std::find(kStates.begin(), kStates.end(), state) != kStates.end()) continue;
    fields.value_error("states",
                       "'" + printable(state) + "' is not a state" + suggestion(state, kStates),
                       "is not a state");
  }
  fields.integer({"restarts_warning", "After so many restarts it is degraded.", "3"},
                 options.restarts_warning, {1, 1'000'000});
  fields.boolean({"user", "Whether it is a unit of the user's own manager."}, options.user);
}

std::shared_ptr<HealthCheck> make_systemd_check(SystemdCheckOptions options,
                                                std::string systemctl) {
  return std::make_shared<SystemdCheck>(std::move(options), std::move(systemctl));
}

std::shared_ptr<HealthCheck> make_health_check(const SystemdCheckOptions& options,
                                               const CheckDependencies&) {
  return make_systemd_check(options);
}

}  // namespace rz::health
