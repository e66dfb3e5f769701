#include <optional>
#include <string>
#include <vector>

#include "health_checks.h"
#include "health_ingest.h"
#include "health_init.h"
#include "health_run.h"
#include "health_serve.h"
#include "programs.h"
#include "rz/base/text.h"
#include "rz/cli/option_values.h"
#include "rz/cli/program.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/circuit_breaker.h"
#include "rz/health/configured_registry.h"
#include "rz/health/make_check.h"
#include "rz/health/retry_tracker.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/runtime/decide.h"

namespace {

using namespace rz;

// ---- list, state

Result<int> list(cli::Context& context, const cli::Arguments&) {
  const auto config = context.runtime().config();
  if (!config) return fail(config.error());
  const auto unused = []() -> Result<Storage*> { return fail(ErrorCode::internal, "not opened"); };
  reports::CheckList list{health::make_checks(
      (*config)->health, {unused, net::make_http_client, context.runtime().clock()})};
  context.print(list);
  return cli::kYes;
}

Result<int> state(cli::Context& context, const cli::Arguments&) {
  const auto state = context.while_waiting_for(
      "the checks and the store", [&] { return runtime::comprehensive_state(context.runtime()); });
  if (!state) return fail(state.error());
  context.print(*state);
  return state->complete ? cli::kYes : cli::kCouldNotTell;
}

// ---- report, record

Result<int> report(cli::Context& context, const cli::Arguments& arguments) {
  const auto ttl = cli::read_span(arguments, "--ttl");
  if (!ttl) return fail(ttl.error());
  const auto storage = context.runtime().lasting_storage();
  if (!storage) return fail(storage.error());
  const auto config = context.runtime().config();
  if (!config) return fail(config.error());
  auto registry =
      health::component_registry(**storage, context.runtime().clock(), (*config)->health);
  const std::string name = *arguments.operand("COMPONENT");
  ComponentReport report{
      .status = *arguments.operand("STATUS"), .message = arguments.text("--message"), .ttl = *ttl};
  if (const auto* expected = health::check_of_component((*config)->health, name)) {
    report.interval = expected->interval;
    report.grace = expected->grace;
  }
  const auto reported = registry.report(name, report);
  if (!reported) return fail(reported.error());
  context.print(reports::ReportedComponent{*reported});
  return cli::kYes;
}

Result<int> record(cli::Context& context, const cli::Arguments& arguments) {
  const std::string event = to_lower(*arguments.operand("EVENT"));
  const std::string name = arguments.text("--breaker");
  const auto config = context.runtime().config();
  if (!config) return fail(config.error());
  const auto storage = context.runtime().lasting_storage();
  if (!storage) return fail(storage.error());
  const HealthOptions& health = (*config)->health;
  if (event == "retry-failure") {
    if (arguments.has("--breaker")) {
      return fail(ErrorCode::invalid_argument,
                  "a failed retry is counted for all breakers; leave it out", "--breaker");
    }
    RetryTracker tracker(**storage, context.runtime().clock(), health.failure_window);
    if (auto counted = tracker.record_failure(); !counted) return fail(std::move(counted).error());
    return cli::kYes;
  }
  if (event != "success" && event != "failure") {
    return fail(ErrorCode::invalid_argument, "'" + printable(event) +
                                                 "' cannot be recorded; it is one of "
                                                 "retry-failure, success, failure");
  }
  CircuitBreaker breaker(name, **storage, health.breaker, context.runtime().clock());
  const auto fed = event == "success" ? breaker.record_success() : breaker.record_failure();
  if (!fed) return fail(fed.error());
  context.print(reports::FedBreaker{name, *fed});
  return cli::kYes;
}

// ---- forget

tl::unexpected<Error> nobody(const std::string& what, const std::string& name,
                             const std::vector<std::string>& known) {
  return fail(ErrorCode::not_found,
              "there is no " + what + " '" + printable(name) + "'" + suggestion(name, known));
}

Result<int> forget(cli::Context& context, const cli::Arguments& arguments) {
  const auto component = arguments.operand("COMPONENT");
  if (component.has_value() == arguments.has("--breaker")) {
    return fail(ErrorCode::invalid_argument, "name a COMPONENT, or a breaker with --breaker");
  }
  const auto storage = context.runtime().lasting_storage();
  if (!storage) return fail(storage.error());
  std::vector<std::string> known;
  std::string what = "component";
  std::string name = component.value_or("");
  Result<bool> removed = false;
  if (component) {
    ComponentRegistry registry(**storage, context.runtime().clock());
    removed = registry.remove(name);
    std::vector<Error> unreadable;
    const auto others = registry.list(unreadable);
    for (const ComponentHealth& other : others ? *others : std::vector<ComponentHealth>{}) {
      known.push_back(other.name);
    }
  } else {
    what = "breaker";
    name = arguments.text("--breaker");
    removed = CircuitBreaker::remove(**storage, name);
    known = CircuitBreaker::list(**storage).value_or(known);
  }
  if (!removed) return fail(removed.error());
  if (!*removed) return nobody(what, name, known);
  context.print(reports::Forgotten{what, name});
  return cli::kYes;
}

// ---- The commands

constexpr cli::Operand kRunOperands[] = {
    {.name = "NAME",
     .about = "Checks to run, by name or glob; all of them if none is named",
     .many = true}};
constexpr cli::Option kRunOptions[] = {
    {.name = "--only",
     .value = "TAG",
     .about = "Only checks with this tag; repeatable",
     .repeatable = true},
    {.name = "--skip",
     .value = "TAG",
     .about = "No check with this tag; repeatable",
     .repeatable = true},
    {.name = "--timeout", .value = "D", .about = "Bound of the whole run"},
    {.name = "--wait",
     .value = "D",
     .about = "Run them until the exit code is 0, for so long at most"},
    {.name = "--watch", .value = "D", .about = "Run them every so often, until Ctrl-C"},
    {.name = "--only-failed", .about = "List only what is not healthy"},
    {.name = "--report",
     .value = "FORMAT=FILE",
     .about = "Write a report into a file, too; repeatable",
     .repeatable = true},
    {.name = "--fail-on",
     .value = "STATUS",
     .about = "From where on the exit code is not 0",
     .choices = "degraded|unhealthy|unknown",
     .preset = "degraded"},
    cli::kExitStyle,
};

constexpr cli::Option kInitOptions[] = {
    {.name = "--output",
     .value = "FILE",
     .about = "Where it is written, never over a file; - is stdout",
     .preset = "-"},
};

constexpr cli::Operand kReportOperands[] = {
    {.name = "COMPONENT", .about = "Its name", .required = true},
    {.name = "STATUS",
     .about = "healthy, degraded or failed; started where a run begins",
     .words = "healthy|degraded|failed|started",
     .required = true}};
constexpr cli::Option kReportOptions[] = {
    {.name = "--message", .value = "M", .about = "What it has to say", .may_be_empty = true},
    {.name = "--ttl", .value = "D", .about = "Forget the report after so long"},
};

constexpr cli::Operand kReportedRunOperands[] = {
    {.name = "COMPONENT", .about = "The name under which the run is reported", .required = true},
    {.name = "PROGRAM",
     .about = "What is run, with its arguments",
     .required = true,
     .many = true,
     .may_be_empty = true}};
constexpr cli::Option kReportedRunOptions[] = {
    {.name = "--max", .value = "D", .about = "It may take so long; a component check says so"},
    {.name = "--min", .value = "D", .about = "It must take so long; less is too fast"},
    {.name = "--ttl", .value = "D", .about = "Forget the report so long after the end"},
};

constexpr cli::Operand kIngestOperands[] = {
    {.name = "PROVIDER",
     .about = "datadog or newrelic",
     .words = "datadog|newrelic",
     .required = true},
    {.name = "FILE", .about = "The payload; - or nothing for stdin"}};

constexpr cli::Option kServeOptions[] = {
    {.name = "--listen",
     .value = "ADDRESS",
     .about = "host:port, [v6]:port or unix:/path; repeatable",
     .repeatable = true},
};

constexpr cli::Operand kRecordOperands[] = {{.name = "EVENT",
                                             .about = "retry-failure, success or failure",
                                             .words = "retry-failure|success|failure",
                                             .required = true}};
constexpr cli::Option kRecordOptions[] = {
    {.name = "--breaker",
     .value = "NAME",
     .about = "The breaker that success and failure feed",
     .preset = "default"},
};

constexpr cli::Operand kForgetOperands[] = {
    {.name = "COMPONENT", .about = "The component whose reports are removed"}};
constexpr cli::Option kForgetOptions[] = {
    {.name = "--breaker", .value = "NAME", .about = "Forget a circuit breaker instead"},
};

constexpr cli::Command kCommands[] = {
    {.summary = "Run health checks and report them",
     .operands = kRunOperands,
     .options = kRunOptions,
     .formats = reports::kNamesFor<reports::HealthReport>,
     .exits = "0 healthy, 1 degraded, 2 unhealthy, 3 unknown or could not tell, 128 + n signal n",
     .schema = "rz.health/1",
     .answer = "status",
     .run = run_health_checks},
    {.name = "list",
     .summary = "List the checks",
     .examples = "rz health list",
     .formats = reports::kNamesFor<reports::CheckList>,
     .exits = "0 listed, 3 could not tell",
     .schema = "rz.health.list/1",
     .run = list},
    {.name = "init",
     .summary = "Write checks for what runs on this machine",
     .examples = "rz health init\n"
                 "rz health init --output rz.yaml && rz health --config rz.yaml",
     .options = kInitOptions,
     .formats = cli::kText,
     .exits = "0 written, 3 not written",
     .schema = "rz.health.init/1",
     .run = write_found_checks},
    {.name = "state",
     .summary = "Print the comprehensive state, as JSON",
     .examples = "rz health state > state.json",
     .formats = reports::kNamesFor<HealthState>,
     .exits = "0 the whole state, 3 some of it could not be read",
     .schema = "rz.health.state/1",
     .run = state},
    {.name = "report",
     .summary = "Let a component report itself",
     .examples = "rz health report worker healthy --ttl 5m\n"
                 "rz health report worker failed --message 'queue is stuck'\n"
                 "rz health report backup started",
     .operands = kReportOperands,
     .options = kReportOptions,
     .formats = reports::kNamesFor<reports::ReportedComponent>,
     .exits = "0 stored, 3 not stored",
     .schema = "rz.health.report/1",
     .run = report},
    {.name = "run",
     .summary = "Run a program, and report its start and its end as a component",
     .examples = "rz health run backup -- /usr/local/bin/backup --full\n"
                 "rz health run --max 2h --min 10s backup -- /usr/local/bin/backup",
     .operands = kReportedRunOperands,
     .options = kReportedRunOptions,
     .formats = cli::kText,
     .exits = "that of PROGRAM; 128 + n if signal n ended it, 127 not found, 126 not runnable, 3 "
              "wrong usage",
     .schema = "rz.health.run/1",
     .run = run_reported},
    {.name = "ingest",
     .summary = "Take the webhook payload of a provider as reports of components",
     .examples = "rz health ingest datadog payload.json\n"
                 "curl -s https://relay.internal/last | rz health ingest newrelic",
     .operands = kIngestOperands,
     .formats = reports::kNamesFor<reports::IngestedReports>,
     .exits = "0 all of it is stored, 3 nothing is",
     .schema = "rz.health.ingest/1",
     .run = ingest_webhook},
    {.name = "serve",
     .summary = "Answer over HTTP how healthy everything is, until it is told to stop",
     .examples = "rz health serve\n"
                 "rz health serve --listen 0.0.0.0:8627 --listen unix:/run/rz/health.sock",
     .options = kServeOptions,
     .formats = cli::kText,
     .exits = "0 it was told to stop (SIGTERM, SIGINT) and has, 3 it cannot serve",
     .schema = "rz.health.serve/1",
     .run = serve_health},
    {.name = "forget",
     .summary = "Remove what a component has reported, or a circuit breaker",
     .examples = "rz health forget wroker\n"
                 "rz health forget --breaker defualt",
     .operands = kForgetOperands,
     .options = kForgetOptions,
     .formats = reports::kNamesFor<reports::Forgotten>,
     .exits = "0 removed, 3 there is none, or not removed",
     .schema = "rz.health.forget/1",
     .run = forget},
    {.name = "record",
     .summary = "Feed the retry window and a circuit breaker",
     .examples = "rz health record retry-failure\n"
                 "rz health record failure --breaker payments",
     .operands = kRecordOperands,
     .options = kRecordOptions,
     .formats = reports::kNamesFor<reports::FedBreaker>,
     .exits = "0 recorded, 3 not recorded",
     .schema = "rz.health.record/1",
     .run = record},
};

constexpr cli::Program kProgram = {
    .name = "rz health",
    .summary = "Run health checks and report them.",
    .examples =
        "rz health                            the configured checks, or disk and store\n"
        "rz health --only db --timeout 10s    those tagged db, all within 10 seconds\n"
        "rz health 'web-*' --only-failed      by name, and only what is not healthy\n"
        "rz health --format json | jq .status\n"
        "rz health --wait 60s web && deploy    until healthy, a minute at most\n"
        "rz health --watch 5s\n"
        "rz health --report junit=health.xml --report prometheus=/var/lib/rz/rz.prom\n"
        "rz health report worker failed --message 'queue is stuck' --ttl 5m",
    .commands = kCommands};

const apps::Registered registered(kProgram);

}  // namespace
