#include <memory>
#include <string>
#include <vector>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/cli/program.h"
#include "rz/cli/setup.h"
#include "rz/cli/table.h"
#include "rz/health/circuit_breaker.h"
#include "rz/health/component_registry.h"
#include "rz/health/make_check.h"
#include "rz/health/retry_tracker.h"

namespace {

using namespace rz;

const cli::ProgramInfo kInfo = {
    "rz health",
    "Run health checks and report them.",
    "  rz health                            the disk of / and the store, or the configured checks\n"
    "  rz health --only db --timeout 10s    those tagged db, all within 10 seconds\n"
    "  rz health --format json | jq .status\n"
    "  rz health report worker failed --message 'queue is stuck' --ttl 5m\n",
    {"text", "json"}};

int exit_code(HealthStatus status) {
  switch (status) {
    case HealthStatus::healthy: return cli::kYes;
    case HealthStatus::degraded: return cli::kNo;
    case HealthStatus::unhealthy: return cli::kNoBadly;
    case HealthStatus::unknown: return cli::kCouldNotTell;
  }
  return cli::kCouldNotTell;
}

const char* color_of(HealthStatus status) {
  switch (status) {
    case HealthStatus::healthy: return "green";
    case HealthStatus::degraded: return "yellow";
    case HealthStatus::unhealthy: return "red";
    case HealthStatus::unknown: return "cyan";
  }
  return "";
}

// ---- The checks

struct RunFlags {
  cli::CheckSelection selection;
  std::string timeout;
};

Value summary(const CheckReport& report) {
  std::int64_t counts[4] = {};
  for (const CheckResult& result : report.results) ++counts[static_cast<int>(result.status)];
  return Value::object({{"healthy", counts[0]},
                        {"degraded", counts[1]},
                        {"unhealthy", counts[2]},
                        {"unknown", counts[3]},
                        {"total", report.results.size()}});
}

void print_json(cli::Output& out, const CheckReport& report) {
  Value checks = Value::array();
  for (const CheckResult& result : report.results) checks.push_back(to_value(result));
  out.json(Value::object({{"schema", "rz.health/1"},
                          {"status", to_string(report.status())},
                          {"timestamp", format_timestamp(report.timestamp)},
                          {"duration_ms", report.duration_ms},
                          {"summary", summary(report)},
                          {"checks", std::move(checks)}}));
}

void print_text(cli::Output& out, const CheckReport& report) {
  cli::Table table({{"STATUS"}, {"CHECK"}, {"LATENCY", true}, {"MESSAGE"}});
  for (const CheckResult& result : report.results) {
    const auto latency = Micros{static_cast<std::int64_t>(result.latency_ms * 1000)};
    table.add({{to_string(result.status), color_of(result.status)},
               {printable(result.name)},
               {humanize_duration(latency)},
               {printable(result.message)}});
  }
  table.print(out);
  std::string line;
  const Value counts = summary(report);
  for (const char* status : {"unhealthy", "degraded", "unknown", "healthy"}) {
    const std::int64_t count = *counts.find(status)->as_int();
    if (count == 0) continue;
    line += (line.empty() ? "" : ", ") + std::to_string(count) + " " + status;
  }
  out.line("");
  out.line(out.paint(color_of(report.status()), to_string(report.status())) + ": " + line);
}

Result<int> run_checks(cli::Context& context, const RunFlags& flags) {
  std::optional<Millis> timeout;
  if (!flags.timeout.empty()) {
    const auto span = cli::parse_span("--timeout", flags.timeout);
    if (!span) return fail(span.error());
    timeout = *span;
  }
  const auto sink = cli::make_sink(context);
  if (!sink) return fail(sink.error());
  const auto monitor = cli::make_monitor(context, flags.selection, timeout, sink->get());
  if (!monitor) return fail(monitor.error());
  const auto report = (*monitor)->run_checks();
  if (!report) return fail(report.error());
  context.threads_abandoned = report->abandoned > 0;
  context.json() ? print_json(context.out(), *report) : print_text(context.out(), *report);
  if (auto delivered = (*sink)->flush(); !delivered) {
    context.warn("metrics: " + to_string(delivered.error()));
  }
  return exit_code(report->status());
}

// ---- list, state

Result<int> list(cli::Context& context) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  const auto unused = []() -> Result<Storage*> { return fail(ErrorCode::internal, "not opened"); };
  Value checks = Value::array();
  cli::Table table({{"CHECK"}, {"TYPE"}, {"TIMEOUT", true}, {"TAGS"}});
  for (const RegisteredCheck& check :
       make_checks((*config)->health, {unused, make_http_client, SystemClock::instance()})) {
    Value tags = Value::array();
    for (const std::string& tag : check.options.tags) tags.push_back(tag);
    checks.push_back(
        Value::object({{"name", check.check->name()},
                       {"type", check.check->type()},
                       {"timeout_s", std::chrono::duration<double>(check.check->timeout()).count()},
                       {"tags", std::move(tags)}}));
    table.add({{printable(check.check->name())},
               {std::string(check.check->type())},
               {format_duration(check.check->timeout())},
               {printable(join(check.options.tags, ", "))}});
  }
  if (context.json()) {
    context.out().json(
        Value::object({{"schema", "rz.health.list/1"}, {"checks", std::move(checks)}}));
  } else {
    table.print(context.out());
  }
  return cli::kYes;
}

Result<int> state(cli::Context& context) {
  const auto storage = context.storage();
  if (!storage) return fail(storage.error());
  const auto monitor = cli::make_monitor(context);
  if (!monitor) return fail(monitor.error());
  auto state = (*monitor)->comprehensive_state(**storage);
  context.threads_abandoned = (*monitor)->abandoned() > 0;
  if (!state) return fail(state.error());
  const auto manager = cli::make_manager(context);
  if (!manager) return fail(manager.error());
  std::vector<std::string> warnings;
  const auto metrics = (*manager)->metrics(warnings);
  if (!metrics) return fail(metrics.error());
  state->fallback.mode = *metrics->find("current_mode")->as_string();
  state->fallback.cascade_log = *metrics->find("recent_transitions");
  context.out().json(to_value(*state));
  for (const Error& error : state->unreadable) warnings.push_back(to_string(error));
  for (const std::string& warning : warnings) context.warn(warning);
  return state->complete ? cli::kYes : cli::kCouldNotTell;
}

// ---- report, record

struct ReportFlags {
  std::string component;
  std::string status;
  std::string message;
  std::string ttl;
};

Result<int> report(cli::Context& context, const ReportFlags& flags) {
  std::optional<Millis> ttl;
  if (!flags.ttl.empty()) {
    const auto span = cli::parse_span("--ttl", flags.ttl);
    if (!span) return fail(span.error());
    ttl = *span;
  }
  const auto storage = context.storage();
  if (!storage) return fail(storage.error());
  ComponentRegistry registry(**storage, SystemClock::instance());
  const auto reported = registry.report(flags.component, flags.status, flags.message, ttl);
  if (!reported) return fail(reported.error());
  if (context.json()) context.out().json(to_value(*reported));
  return cli::kYes;
}

struct RecordFlags {
  std::string event;
  std::string breaker = "default";
};

Result<int> record(cli::Context& context, const RecordFlags& flags) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  const auto storage = context.storage();
  if (!storage) return fail(storage.error());
  const HealthOptions& health = (*config)->health;
  if (flags.event == "retry-failure") {
    RetryTracker tracker(**storage, SystemClock::instance(), health.failure_window);
    if (auto counted = tracker.record_failure(); !counted) return fail(std::move(counted).error());
    return cli::kYes;
  }
  if (flags.event != "success" && flags.event != "failure") {
    return fail(ErrorCode::invalid_argument, "'" + printable(flags.event) +
                                                 "' cannot be recorded; it is one of "
                                                 "retry-failure, success, failure");
  }
  CircuitBreaker breaker(flags.breaker, **storage, health.breaker, SystemClock::instance());
  const auto fed = flags.event == "success" ? breaker.record_success() : breaker.record_failure();
  if (!fed) return fail(fed.error());
  if (context.json()) {
    context.out().json(Value::object({{"breaker", flags.breaker},
                                      {"state", to_string(fed->phase)},
                                      {"consecutive_failures", fed->consecutive_failures},
                                      {"trips_total", fed->trips_total}}));
  }
  return cli::kYes;
}

void define(CLI::App& app, cli::Context& context) {
  auto run = std::make_shared<RunFlags>();
  app.add_option("NAME", run->selection.names, "Checks to run; all of them if none is named");
  app.add_option("--only", run->selection.only, "Only checks with this tag; repeatable")
      ->type_name("TAG")
      ->take_all();
  app.add_option("--skip", run->selection.skip, "No check with this tag; repeatable")
      ->type_name("TAG")
      ->take_all();
  app.add_option("--timeout", run->timeout, "Bound of the whole run")->type_name("D");
  context.run = [&context, run] { return run_checks(context, *run); };

  app.add_subcommand("list", "List the checks")->callback([&context] {
    context.run = [&context] { return list(context); };
  });
  app.add_subcommand("state", "Print the comprehensive state, as JSON")->callback([&context] {
    context.run = [&context] { return state(context); };
  });

  auto said = std::make_shared<ReportFlags>();
  CLI::App* reporting = app.add_subcommand("report", "Let a component report itself");
  reporting->add_option("COMPONENT", said->component, "Its name")->required();
  reporting->add_option("STATUS", said->status, "healthy, degraded or failed")->required();
  reporting->add_option("--message", said->message, "What it has to say")->type_name("M");
  reporting->add_option("--ttl", said->ttl, "Forget the report after so long")->type_name("D");
  reporting->callback(
      [&context, said] { context.run = [&context, said] { return report(context, *said); }; });

  auto event = std::make_shared<RecordFlags>();
  CLI::App* recording = app.add_subcommand("record", "Feed the retry window and a circuit breaker");
  recording->add_option("EVENT", event->event, "retry-failure, success or failure")->required();
  recording->add_option("--breaker", event->breaker, "The breaker that success and failure feed")
      ->type_name("NAME");
  recording->callback(
      [&context, event] { context.run = [&context, event] { return record(context, *event); }; });
}

}  // namespace

int main(int argc, char** argv) { return rz::cli::run_program(argc, argv, kInfo, define); }
