#include "rz/health/checks/command_check.h"

#include <string.h>

#include "rz/base/duration.h"
#include "rz/base/process.h"
#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/checks/plugin_output.h"
#include "rz/health/checks/program_limits.h"

namespace rz::health {
namespace {

constexpr std::size_t kMaxShownLine = 400;

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

class CommandCheck final : public BasicCheck {
 public:
  explicit CommandCheck(CommandCheckOptions options)
      : BasicCheck(CommandCheckOptions::kType, options), options_(std::move(options)) {}

  // The program is ended at `timeout`, and what it leaves is waited for: only this check knows that
  // a program which does not end says nothing about what it looks at.
  Millis timeout() const override { return options_.timeout + kProgramEndGrace; }

  CheckResult check() override {
    const auto run = run_process(
        {.argv = options_.command, .timeout = options_.timeout, .max_output = kMaxProgramOutput});
    if (!run) {
      Error error = run.error();
      error.own_side = true;
      return failed(error);
    }
    if (run->timed_out) {
      return answer(HealthStatus::unknown,
                    program() + ": did not end within " + format_duration(options_.timeout));
    }
    if (run->signal != 0) {
      return answer(HealthStatus::unknown, program() + ": ended by " + signal_name(run->signal));
    }
    return judged(*run);
  }

 private:
  std::string program() const { return printable(options_.command.front()); }

  CheckResult judged(const ProcessResult& run) const {
    static constexpr HealthStatus kStatuses[] = {HealthStatus::healthy, HealthStatus::degraded,
                                                 HealthStatus::unhealthy, HealthStatus::unknown};
    const PluginOutput output = parse_plugin_output(run.output);
    Value metadata = Value::object({{"exit_code", run.exit_code}});
    if (!output.perfdata.as_object()->empty()) metadata.set("perfdata", output.perfdata);
    std::string text = output.text;
    // A program that fails early tells why on its standard error.
    if (text.empty()) text = trim(std::string_view(run.error).substr(0, run.error.find('\n')));
    text = ellipsize(printable(text), kMaxShownLine);
    const auto code = static_cast<std::size_t>(run.exit_code);
    if (code >= std::size(kStatuses)) {
      return answer(HealthStatus::unknown,
                    program() + ": got exit code " + std::to_string(run.exit_code) +
                        ", expected 0 to 3" + (text.empty() ? "" : ": " + text),
                    std::move(metadata));
    }
    if (text.empty()) text = program() + ": exit code " + std::to_string(run.exit_code);
    return answer(kStatuses[code], std::move(text), std::move(metadata));
  }

  CommandCheckOptions options_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, CommandCheckOptions& options) {
  fields.command({.key = "command",
                  .sentence = "The program and its arguments; no shell takes them apart.",
                  .example = "[/usr/lib/nagios/plugins/check_load, -w, 5, -c, 10]",
                  .needed_by = "a command check"},
                 options.command);
}

std::shared_ptr<HealthCheck> make_command_check(CommandCheckOptions options) {
  return std::make_shared<CommandCheck>(std::move(options));
}

std::shared_ptr<HealthCheck> make_health_check(const CommandCheckOptions& options,
                                               const CheckDependencies&) {
  return make_command_check(options);
}

}  // namespace rz::health
