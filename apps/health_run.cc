#include "health_run.h"

#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/duration.h"
#include "rz/base/foreground.h"
#include "rz/base/random_token.h"
#include "rz/base/text.h"
#include "rz/cli/option_values.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/configured_registry.h"
#include "rz/storage/bounded_storage.h"

namespace rz {
namespace {

/// What is to be known of the run before it begins.
struct Plan {
  std::string component;
  RunLimits limits;
  std::optional<Millis> ttl;
  std::vector<std::string> argv;
};

Result<Plan> read_plan(const cli::Arguments& arguments) {
  Plan plan{.component = *arguments.operand("COMPONENT"),
            .limits = {},
            .ttl = std::nullopt,
            .argv = arguments.operands("PROGRAM")};
  const auto max = cli::read_span(arguments, "--max");
  if (!max) return fail(max.error());
  const auto min = cli::read_span(arguments, "--min");
  if (!min) return fail(min.error());
  const auto ttl = cli::read_span(arguments, "--ttl");
  if (!ttl) return fail(ttl.error());
  if (*max && *min && **min > **max) {
    return fail(ErrorCode::invalid_argument, "is longer than --max, so that no run is right",
                "--min");
  }
  if (plan.argv.empty() || plan.argv.front().empty()) {
    return fail(ErrorCode::invalid_argument,
                "name a program to run, as in: rz health run backup -- /usr/local/bin/backup");
  }
  plan.limits = {*max, *min};
  plan.ttl = *ttl;
  return plan;
}

// Everything that the report needs is made for it and gone after it: the program may run for days,
// and the store that was away when it began may be back.
Result<void> report_now(runtime::Runtime& runtime, const std::string& component,
                        ComponentReport report) {
  const auto whole = runtime.default_deadline();
  if (!whole) return fail(whole.error());
  const auto deadline = storage::RunDeadline::from_now(runtime.clock(), *whole);
  const auto storage = runtime.lasting_storage();
  if (!storage) return fail(storage.error());
  const HealthOptions& health = (*runtime.config())->health;
  if (const auto* expected = health::check_of_component(health, component)) {
    report.interval = expected->interval;
    report.grace = expected->grace;
  }
  storage::BoundedStorage bounded(**storage, runtime.clock(), deadline);
  const auto reported =
      health::component_registry(bounded, runtime.clock(), health).report(component, report);
  if (!reported) return fail(reported.error());
  return {};
}

/// Reports a run. What goes wrong is a warning: the program matters more than its report.
class RunReporter {
 public:
  RunReporter(cli::Context& context, const Plan& plan) : context_(context), plan_(plan) {}

  void start() {
    run_.id = random_token();
    run_.limits = plan_.limits;
    run_.started = clock_.now();
    // The configuration's own warnings come once.
    Notices notices([this](const Notice& notice) {
      if (notice.severity == Notice::Severity::warning) context_.warn(notice.what);
    });
    send({.status = "started", .run = run_}, notices, "the start");
    began_ = clock_.monotonic();
  }

  void end(const ForegroundResult& result) {
    const std::chrono::duration<double> took = clock_.monotonic() - began_;
    run_.ended = clock_.now();
    run_.duration_seconds = std::round(took.count() * 1000) / 1000;
    run_.exit_code = result.exit_code;
    const std::string after =
        " after " + humanize_duration(std::chrono::duration_cast<Micros>(took));
    std::string message = "exit code " + std::to_string(result.exit_code) + after;
    if (result.signal) message = "ended by " + signal_name(*result.signal) + after;
    if (result.not_started) message = to_string(*result.not_started);
    send_end(std::move(message), result.exit_code == 0);
  }

  void not_begun(int signal) {
    run_.ended = clock_.now();
    run_.exit_code = 128 + signal;
    send_end("not begun: " + signal_name(signal) + " came first", false);
  }

 private:
  void send_end(std::string message, bool good) {
    Notices unheard;
    send({.status = good ? "healthy" : "failed",
          .message = std::move(message),
          .ttl = plan_.ttl,
          .run = run_},
         unheard, "the end");
  }

  void send(const ComponentReport& report, Notices& notices, const char* what) {
    runtime::Runtime runtime(context_.runtime().options(), notices);
    const auto sent = report_now(runtime, plan_.component, report);
    if (!sent) {
      context_.warn(std::string(what) + " of '" + plan_.component +
                    "' is not reported: " + to_string(sent.error()));
    }
  }

  cli::Context& context_;
  const Plan& plan_;
  Clock& clock_ = SystemClock::instance();
  ComponentRun run_;
  std::chrono::nanoseconds began_{};
};

}  // namespace

Result<int> run_reported(cli::Context& context, const cli::Arguments& arguments) {
  const auto plan = read_plan(arguments);
  if (!plan) return fail(plan.error());
  // First, so that no signal ends this process between the reports.
  Foreground foreground;
  RunReporter reporter(context, *plan);
  reporter.start();
  if (const auto signal = foreground.told_to_end()) {
    reporter.not_begun(*signal);
    return 128 + *signal;
  }
  const ForegroundResult result = foreground.run(plan->argv);
  if (result.not_started) context.warn(to_string(*result.not_started));
  reporter.end(result);
  return result.exit_code;
}

}  // namespace rz
