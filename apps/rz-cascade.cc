#include <memory>
#include <string>

#include "rz/base/duration.h"
#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/cli/program.h"
#include "rz/cli/setup.h"
#include "rz/cli/table.h"

namespace {

using namespace rz;

// A health state and a telemetry record are some KiB. Read, JSON takes up to twenty times its size.
constexpr std::uint64_t kMaxDocument = 8 << 20;

constexpr const char* kStoreAndCallbacks = "the store and the callbacks";

const char* color_of(Mode mode) {
  switch (mode) {
    case Mode::primary: return "green";
    case Mode::heuristic: return "yellow";
    case Mode::safe: return "red";
  }
  return "";
}

Result<Value> read_document(const std::string& path) {
  const auto text = read_file(path, kMaxDocument);
  if (!text) return fail(text.error());
  return parse_document(*text, input_name(path));
}

// ---- The answer

Value rules_value(const Decision& decision) {
  Value rules = Value::array();
  for (const RuleVerdict& rule : decision.rules) {
    rules.push_back(Value::object({{"name", rule.name},
                                   {"mode", to_string(rule.mode)},
                                   {"fired", rule.fired},
                                   {"inputs", rule.inputs},
                                   {"fires_when", rule.limit}}));
  }
  return Value::object({{"mode", to_string(decision.mode)},
                        {"reason", decision.reason},
                        {"rules", std::move(rules)}});
}

Value to_json_value(const CascadeOutcome& outcome) {
  Value document =
      Value::object({{"schema", "rz.cascade/1"},
                     {"mode", to_string(outcome.mode)},
                     {"previous", to_string(outcome.previous)},
                     {"changed", outcome.changed},
                     {"reason", outcome.reason},
                     {"is_degraded", outcome.is_degraded()},
                     {"is_safe_mode", outcome.is_safe_mode()},
                     {"epoch", outcome.epoch},
                     {"since", outcome.since ? Value(format_timestamp(*outcome.since)) : Value()},
                     {"pin", outcome.pin ? to_value(*outcome.pin) : Value()}});
  if (outcome.outage) {
    document.set("offline", true);
    document.set("store_seen",
                 outcome.store_seen ? Value(format_timestamp(*outcome.store_seen)) : Value());
  }
  if (outcome.outage || outcome.spooled > 0) {
    document.set("spooled", static_cast<std::int64_t>(outcome.spooled));
  }
  return document;
}

void print_pin(cli::Output& out, const Pin& pin) {
  const std::string until =
      pin.until ? "until " + format_timestamp(*pin.until) : std::string("until it is released");
  out.line("pinned " + until + " by " + printable(pin.actor) + ": " + printable(pin.reason));
}

std::string spooled(std::size_t transitions) {
  if (transitions == 0) return "no transition waits for the store";
  return std::to_string(transitions) +
         (transitions == 1 ? " transition waits" : " transitions wait") + " for the store";
}

void print_text(cli::Output& out, const CascadeOutcome& outcome) {
  const std::string mode = out.paint(color_of(outcome.mode), to_string(outcome.mode));
  if (outcome.changed) {
    out.line(std::string(to_string(outcome.previous)) + " -> " + mode + ": " +
             printable(outcome.reason));
  } else if (outcome.since) {
    out.line(mode + " since " + format_timestamp(*outcome.since) + ": " +
             printable(outcome.reason));
  } else {
    out.line(mode);
  }
  if (!outcome.held.empty()) out.line(outcome.held);
  if (outcome.pin) print_pin(out, *outcome.pin);
  if (outcome.outage) out.line("offline: " + spooled(outcome.spooled));
}

void print_rules(cli::Output& out, const Decision& decision) {
  cli::Table table({{"RULE"}, {"CALLS FOR"}, {"FIRED"}, {"FIRES WHEN"}, {"IS NOW"}});
  for (const RuleVerdict& rule : decision.rules) {
    table.add({{printable(rule.name)},
               {to_string(rule.mode)},
               {rule.fired ? "yes" : "no", rule.fired ? color_of(rule.mode) : ""},
               {printable(rule.limit)},
               {printable(rule.inputs)}});
  }
  out.line("");
  table.print(out);
}

void answer(cli::Context& context, const CascadeOutcome& outcome, bool explain = false) {
  for (const std::string& warning : outcome.warnings) context.warn(warning);
  for (const std::string& note : outcome.notes) context.note(note);
  if (outcome.outage) {
    context.warn(to_string(*outcome.outage));
    const std::string seen =
        outcome.store_seen ? ", at " + format_timestamp(*outcome.store_seen) : std::string();
    context.warn("so this is the mode of this host alone, from what it knew last" + seen + "; " +
                 spooled(outcome.spooled));
  }
  // The exit code is the answer then, so that cron has nothing to mail.
  if (context.options().quiet) return;
  if (context.json()) {
    Value document = to_json_value(outcome);
    if (!outcome.held.empty()) document.set("held", outcome.held);
    if (explain) document.set("decision", rules_value(outcome.decision));
    context.out().json(document);
    return;
  }
  print_text(context.out(), outcome);
  if (explain) print_rules(context.out(), outcome.decision);
}

// ---- Evaluation

Result<HealthState> observe(cli::Context& context, const std::string& file, MetricsSink* sink) {
  if (!file.empty()) {
    const auto document = read_document(file);
    if (!document) return fail(document.error());
    return health_state_from_value(*document, input_name(file));
  }
  const auto storage = context.storage();
  if (!storage) return fail(storage.error());
  const auto monitor = cli::make_monitor(context, {}, std::nullopt, sink);
  if (!monitor) return fail(monitor.error());
  const auto report =
      context.while_waiting_for("the checks", [&] { return (*monitor)->run_checks(); });
  if (!report) return fail(report.error());
  context.threads_abandoned = (*monitor)->abandoned() > 0;
  auto state = (*monitor)->comprehensive_state(**storage, *report);
  if (state) {
    for (const Error& error : state->unreadable) context.warn(to_string(error));
  }
  // An outage of the store is no reason not to decide: see FallbackManager.
  if (!state && is_outage(state.error())) return (*monitor)->state_without_store(*report);
  return state;
}

// The worst mode that is still 0.
Mode good_enough(const std::string& fail_on) {
  if (fail_on == "unhealthy") return Mode::heuristic;
  return fail_on == "unknown" ? Mode::safe : Mode::primary;
}

// `certain`: whether nothing speaks against `mode` but what could not be seen.
int exit_code(const cli::Arguments& arguments, Mode mode, bool certain) {
  const bool asked =
      arguments.has("--exit-code") || arguments.has("--fail-on") || arguments.has("--exit-style");
  if (!asked) return cli::kYes;
  if (!certain) return cli::kCouldNotTell;
  return mode <= good_enough(arguments.text("--fail-on")) ? cli::kYes : static_cast<int>(mode);
}

Result<int> evaluate(cli::Context& context, const cli::Arguments& arguments) {
  const auto sink = cli::make_sink(context);
  if (!sink) return fail(sink.error());
  const auto state = observe(context, arguments.text("--state"), sink->get());
  if (!state) return fail(state.error());
  const auto manager = cli::make_manager(context, sink->get());
  if (!manager) return fail(manager.error());
  const bool dry_run = arguments.has("--dry-run");
  const auto outcome = context.while_waiting_for(kStoreAndCallbacks, [&] {
    return dry_run ? (*manager)->dry_run(*state) : (*manager)->cascade(*state);
  });
  if (!outcome) return fail(outcome.error());
  answer(context, *outcome, arguments.has("--explain"));
  if (auto delivered = (*sink)->flush(); !delivered) {
    context.warn("metrics: " + to_string(delivered.error()));
  }
  // What could not be read may be what calls for a worse mode: that is not told as a yes.
  const bool certain = state->unreadable.empty() || outcome->mode == Mode::safe;
  return exit_code(arguments, outcome->mode, certain);
}

// ---- status, metrics, set, release

Result<int> status(cli::Context& context, const cli::Arguments& arguments) {
  const auto required = parse_mode(arguments.text("--require"));
  if (arguments.has("--require") && !required) {
    return fail(ErrorCode::invalid_argument,
                "'" + printable(arguments.text("--require")) +
                    "' is not a valid mode; use primary, heuristic or safe",
                "--require");
  }
  const auto manager = cli::make_manager(context);
  if (!manager) return fail(manager.error());
  const auto outcome = context.while_waiting_for("the store", [&] { return (*manager)->status(); });
  if (!outcome) return fail(outcome.error());
  answer(context, *outcome);
  if (!required) return exit_code(arguments, outcome->mode, true);
  return outcome->mode <= *required ? cli::kYes : static_cast<int>(outcome->mode);
}

Result<int> metrics(cli::Context& context, const cli::Arguments&) {
  const auto manager = cli::make_manager(context);
  if (!manager) return fail(manager.error());
  std::vector<std::string> warnings;
  const auto metrics = (*manager)->metrics(warnings);
  if (!metrics) return fail(metrics.error());
  context.out().json(*metrics);
  for (const std::string& warning : warnings) context.warn(warning);
  return cli::kYes;
}

Result<int> set(cli::Context& context, const cli::Arguments& arguments) {
  std::optional<Millis> lasting;
  if (arguments.has("--for")) {
    const auto span = cli::parse_span("--for", arguments.text("--for"));
    if (!span) return fail(span.error());
    lasting = *span;
  }
  const auto manager = cli::make_manager(context);
  if (!manager) return fail(manager.error());
  const auto outcome = context.while_waiting_for(kStoreAndCallbacks, [&] {
    return (*manager)->set_mode(*arguments.operand("MODE"), lasting, arguments.text("--reason"));
  });
  if (!outcome) return fail(outcome.error());
  answer(context, *outcome);
  return cli::kYes;
}

Result<int> release(cli::Context& context, const cli::Arguments&) {
  const auto manager = cli::make_manager(context);
  if (!manager) return fail(manager.error());
  const auto outcome =
      context.while_waiting_for("the store", [&] { return (*manager)->release(); });
  if (!outcome) return fail(outcome.error());
  answer(context, *outcome);
  return cli::kYes;
}

// ---- detect

// The notes' register_fallback: each configured action whose condition holds for the record is run.
Result<void> run_actions(cli::Context& context, FallbackManager& manager, const Value& telemetry) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  for (const ActionOptions& action : (*config)->fallback.actions) {
    const auto run = [command = action.run] { return run_command(command); };
    auto registered = manager.register_fallback(action.name, action.when, run, Value::object(),
                                                (*config)->conditions);
    if (!registered) return registered;
  }
  for (const FallbackRun& run : manager.evaluate_fallbacks(context_from(telemetry))) {
    if (run.error) context.warn("action '" + run.name + "': " + to_string(*run.error));
    if (run.held && !run.error) context.note("action '" + run.name + "' was run");
  }
  return {};
}

Result<int> detect(cli::Context& context, const cli::Arguments& arguments) {
  const std::string path = arguments.operand("FILE").value_or("-");
  const auto telemetry = read_document(path);
  if (!telemetry) return fail(telemetry.error());
  if (!telemetry->as_object()) {
    return fail(ErrorCode::invalid_argument,
                std::string("a telemetry record is an object, but this is of type ") +
                    telemetry->type_name(),
                input_name(path));
  }
  const auto manager = cli::make_manager(context);
  if (!manager) return fail(manager.error());
  const auto found = context.while_waiting_for(
      "the detector", [&] { return (*manager)->detect_anomaly(*telemetry); });
  if (!found) return fail(found.error());
  if (auto ran = run_actions(context, **manager, *telemetry); !ran) {
    return fail(std::move(ran).error());
  }
  context.out().json(*found);
  return cli::kYes;
}

// ---- The commands

constexpr std::string_view kSchema = "rz.cascade/1";
constexpr std::string_view kExits =
    "0 decided; with --exit-code 0 primary, 1 heuristic, 2 safe; 3 could not tell";

constexpr cli::Option kExitCode = {.name = "--exit-code",
                                   .about = "Answer 0 primary, 1 heuristic, 2 safe"};

constexpr cli::Option kFailOn = {.name = "--fail-on",
                                 .value = "WHAT",
                                 .about =
                                     "As --exit-code, but 0 for what is better than WHAT: degraded "
                                     "(heuristic), unhealthy (safe) or unknown",
                                 .choices = "degraded|unhealthy|unknown",
                                 .preset = "degraded"};

constexpr cli::Option kEvaluateOptions[] = {
    {.name = "--state", .value = "FILE", .about = "Decide from this health state (JSON or YAML)"},
    {.name = "--dry-run", .about = "Change nothing"},
    {.name = "--explain", .about = "Show each rule, and what would change the outcome"},
    kExitCode,
    kFailOn,
    cli::kExitStyle,
};

constexpr cli::Option kStatusOptions[] = {
    {.name = "--require",
     .value = "MODE",
     .about = "Answer 0 if the mode is this one or a better one; a gate for scripts"},
    kExitCode,
    kFailOn,
    cli::kExitStyle,
};

constexpr cli::Operand kSetOperands[] = {
    {.name = "MODE", .about = "primary, heuristic or safe", .required = true}};
constexpr cli::Option kSetOptions[] = {
    {.name = "--for", .value = "D", .about = "Until so long from now; else until released"},
    {.name = "--reason", .value = "R", .about = "Why; it is recorded"},
};

constexpr cli::Operand kDetectOperands[] = {
    {.name = "FILE", .about = "A JSON object; - or nothing is standard input"}};

constexpr cli::Command kCommands[] = {
    {.summary = "Decide from health how degraded the system runs",
     .options = kEvaluateOptions,
     .exits = kExits,
     .schema = kSchema,
     .answer = "mode",
     .run = evaluate},
    {.name = "status",
     .summary = "Show the mode, without evaluating",
     .examples = "rz cascade status\n"
                 "if rz cascade status --require primary; then deploy; fi\n"
                 "rz cascade status --format json | jq .mode",
     .options = kStatusOptions,
     .exits = "0 told; with --exit-code 0 primary, 1 heuristic, 2 safe; with --require 0 the mode "
              "is good enough, else the same; 3 could not tell",
     .schema = kSchema,
     .answer = "mode",
     .run = status},
    {.name = "metrics",
     .summary = "Print the fallback metrics, as JSON",
     .examples = "rz cascade metrics | jq .transitions_1h",
     .formats = cli::kJson,
     .exits = "0 told, 3 could not tell",
     .schema = "rz.cascade.metrics/1",
     .run = metrics},
    {.name = "set",
     .summary = "Enter a mode and pin it, whatever health says",
     .examples = "rz cascade set safe --for 30m --reason 'database migration'",
     .operands = kSetOperands,
     .options = kSetOptions,
     .exits = "0 the mode is set, 3 it is not",
     .schema = kSchema,
     .answer = "mode",
     .run = set},
    {.name = "release",
     .summary = "Take the pin away; the next evaluation decides",
     .examples = "rz cascade release",
     .exits = "0 released, 3 not released",
     .schema = kSchema,
     .answer = "mode",
     .run = release},
    {.name = "detect",
     .summary = "Ask the current mode's detector about a telemetry record",
     .examples = "echo '{\"severity\": 0.9}' | rz cascade detect",
     .operands = kDetectOperands,
     .formats = cli::kJson,
     .exits = "0 the detector answered, 3 could not tell",
     .schema = "rz.cascade.detect/1",
     .answer = "anomaly",
     .run = detect},
};

constexpr cli::Program kProgram = {
    .name = "rz cascade",
    .summary =
        "Decide from health how degraded the system runs (primary, heuristic, safe), and\n"
        "remember each transition.",
    .examples =
        "rz cascade                              run the checks, decide, remember\n"
        "rz cascade --exit-code && deploy        0 primary, 1 heuristic, 2 safe\n"
        "rz cascade --state state.json --dry-run --explain\n"
        "rz cascade set safe --for 30m --reason 'database migration'",
    .commands = kCommands};

}  // namespace

int main(int argc, char** argv) { return rz::cli::run_program(argc, argv, kProgram); }
