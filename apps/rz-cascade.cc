#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "cascade_answer.h"
#include "cascade_callbacks.h"
#include "cascade_replay.h"
#include "cascade_state.h"
#include "cascade_variables.h"

#include "programs.h"
#include "rz/base/text.h"
#include "rz/cli/option_values.h"
#include "rz/cli/program.h"
#include "rz/fallback/mode_changes.h"
#include "rz/health/make_check.h"
#include "rz/reports/formats.h"
#include "rz/runtime/decide.h"
#include "rz/runtime/tell.h"
#include "rz/storage/storage_url.h"

namespace {

using namespace rz;

// ---- Evaluation

Result<runtime::Observation> observe(cli::Context& context, const std::string& file,
                                     MetricsSink* sink, std::optional<Millis> deadline) {
  if (file.empty()) {
    return context.while_waiting_for("the checks",
                                     [&] { return context.runtime().observe(sink, deadline); });
  }
  auto state = read_state(file);
  if (!state) return fail(std::move(state).error());
  return runtime::Observation{std::move(*state)};
}

// The worst mode that is still 0.
Mode good_enough(const std::string& fail_on) {
  if (fail_on == "unhealthy") return Mode::heuristic;
  return fail_on == "unknown" ? Mode::safe : Mode::primary;
}

// Of what is not wholly known only safe is an answer: nothing that could be seen would be worse.
int exit_code(const cli::Arguments& arguments, const Evaluation& evaluation) {
  const bool asked =
      arguments.has("--exit-code") || arguments.has("--fail-on") || arguments.has("--exit-style");
  if (!asked) return cli::kYes;
  const Mode mode = evaluation.after.mode;
  if (!evaluation.store.doubts.empty() && mode != Mode::safe) return cli::kCouldNotTell;
  return mode <= good_enough(arguments.text("--fail-on")) ? cli::kYes : static_cast<int>(mode);
}

// What would change the mode is sought for those only who ask.
void explain_changes(cli::Context& context, const HealthState& state, Evaluation& outcome) {
  const auto config = context.runtime().config();
  if (!config) return;
  const Mode mode = outcome.before.mode;
  double held = 0;
  if (outcome.before.since) {
    const Micros time = context.runtime().clock().now() - *outcome.before.since;
    held = std::chrono::duration<double>(time).count();
  }
  outcome.decision.changes = fallback::changes_of_mode(outcome.decision, {state, mode, held},
                                                       health::check_names((*config)->health));
}

Result<int> evaluate(cli::Context& context, const cli::Arguments& arguments) {
  const auto deadline = cli::read_span(arguments, "--deadline");
  if (!deadline) return fail(deadline.error());
  const auto sink = context.runtime().sinks();
  if (!sink) return fail(sink.error());
  // Opened first, so that a wrong path is told before anything is decided.
  const auto record =
      StateRecorder::open(context.runtime(), arguments.text("--record"), arguments.text("--state"));
  if (!record) return fail(record.error());
  const auto seen = observe(context, arguments.text("--state"), sink->get(), *deadline);
  if (!seen) return fail(seen.error());
  const bool dry_run = arguments.has("--dry-run");
  auto outcome = context.while_waiting_for(cli::kStoreAndCallbacks, [&] {
    return runtime::decide(context.runtime(), *seen, {sink->get(), *deadline, dry_run});
  });
  if (!outcome) return fail(outcome.error());
  if (arguments.has("--explain")) explain_changes(context, seen->state, *outcome);
  record->append(context.runtime(), seen->state, *outcome);
  cli::answer(context, {*outcome, "", arguments.has("--explain")});
  if (!dry_run) context.deliver(**sink);
  return exit_code(arguments, *outcome);
}

// ---- status, metrics, set, release, forget

void note_store_of_root(cli::Context& context) {
  const auto config = context.runtime().config();
  if (!config || !(*config)->storage.url.empty()) return;
  const auto folder = storage::passed_by_store_of_root();
  if (!folder) return;
  context.note("root keeps its modes in another store, in " + *folder +
               "; how users share one: rz-cascade(1)");
}

Result<int> status(cli::Context& context, const cli::Arguments& arguments) {
  const auto required = parse_mode(arguments.text("--require"));
  if (arguments.has("--require") && !required) {
    return fail(ErrorCode::invalid_argument,
                "'" + printable(arguments.text("--require")) +
                    "' is not a valid mode; use primary, heuristic or safe",
                "--require");
  }
  const auto deadline = cli::read_span(arguments, "--deadline");
  if (!deadline) return fail(deadline.error());
  auto outcome = context.while_waiting_for("the store", [&]() -> Result<Evaluation> {
    const auto manager = context.runtime().manager({.deadline = *deadline, .reads_votes = true});
    return manager ? (*manager)->status() : fail(manager.error());
  });
  if (!outcome) return fail(outcome.error());
  const auto storage = context.runtime().storage();
  if (storage && !(*storage)->lasts()) {
    outcome->store.doubts.push_back(
        "a store in memory begins empty with every command, so that this says nothing");
  }
  cli::answer(context, {*outcome, storage ? (*storage)->description() : ""});
  note_store_of_root(context);
  if (!required) return exit_code(arguments, *outcome);
  if (!outcome->store.doubts.empty() && outcome->after.mode != Mode::safe)
    return cli::kCouldNotTell;
  return outcome->after.mode <= *required ? cli::kYes : static_cast<int>(outcome->after.mode);
}

Result<int> metrics(cli::Context& context, const cli::Arguments&) {
  const auto metrics = context.while_waiting_for("the store", [&]() -> Result<FallbackMetrics> {
    const auto manager = context.runtime().manager();
    return manager ? (*manager)->metrics() : fail(manager.error());
  });
  if (!metrics) return fail(metrics.error());
  context.print(*metrics);
  runtime::tell(metrics->store, context.runtime().notices());
  return cli::kYes;
}

// How long a pin lasts; nothing: until it is released.
Result<std::optional<Millis>> lasting_of(cli::Context& context, const cli::Arguments& arguments) {
  if (arguments.has("--for") && arguments.has("--forever")) {
    return fail(ErrorCode::invalid_argument, "--for and --forever exclude each other; use one");
  }
  if (arguments.has("--forever")) return std::optional<Millis>{};
  if (arguments.has("--for")) return cli::read_span(arguments, "--for");
  const auto config = context.runtime().config();
  if (!config) return fail(config.error());
  return std::optional<Millis>((*config)->fallback.pin);
}

Result<int> votes(cli::Context& context, const cli::Arguments& arguments) {
  const auto deadline = cli::read_span(arguments, "--deadline");
  if (!deadline) return fail(deadline.error());
  const auto votes = context.while_waiting_for("the store", [&]() -> Result<Votes> {
    const auto manager = context.runtime().manager({.deadline = *deadline});
    if (!manager) return fail(manager.error());
    // One that begins empty has no votes, whoever calls for what.
    if (const auto lasting = context.runtime().lasting_storage(); !lasting) {
      return fail(lasting.error());
    }
    return (*manager)->votes();
  });
  if (!votes) return fail(votes.error());
  context.print(*votes);
  return votes->unreadable.empty() ? cli::kYes : cli::kCouldNotTell;
}

// What a person orders of the manager: the order, the answer, and the metrics of it.
template <class Order>
Result<int> carry_out(cli::Context& context, const Order& order) {
  const auto sink = context.runtime().sinks();
  if (!sink) return fail(sink.error());
  const auto outcome =
      context.while_waiting_for(cli::kStoreAndCallbacks, [&]() -> Result<Evaluation> {
        if (const auto lasting = context.runtime().lasting_storage(); !lasting) {
          return fail(lasting.error());
        }
        const auto manager = context.runtime().manager({.sink = sink->get()});
        return manager ? order(**manager) : fail(manager.error());
      });
  if (!outcome) return fail(outcome.error());
  cli::answer(context, {*outcome});
  context.deliver(**sink);
  return cli::kYes;
}

Result<int> set(cli::Context& context, const cli::Arguments& arguments) {
  const auto lasting = lasting_of(context, arguments);
  if (!lasting) return fail(lasting.error());
  return carry_out(context, [&](FallbackManager& manager) {
    return manager.set_mode(*arguments.operand("MODE"), *lasting, arguments.text("--reason"));
  });
}

Result<int> release(cli::Context& context, const cli::Arguments&) {
  return carry_out(context, [](FallbackManager& manager) { return manager.release(); });
}

Result<int> forget(cli::Context& context, const cli::Arguments&) {
  return carry_out(context, [](FallbackManager& manager) { return manager.forget(); });
}

// ---- detect

Result<int> run_detector(cli::Context& context, const cli::Arguments& arguments) {
  const std::string path = arguments.operand("FILE").value_or("-");
  const auto telemetry = read_document(path);
  if (!telemetry) return fail(telemetry.error());
  if (!telemetry->as_object()) {
    return fail(ErrorCode::invalid_argument,
                std::string("a telemetry record is an object, but this is of type ") +
                    telemetry->type_name(),
                input_name(path));
  }
  const auto found = context.while_waiting_for(
      "the detector", [&] { return runtime::detect(context.runtime(), *telemetry); });
  if (!found) return fail(found.error());
  context.print(reports::Detection{*found});
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

constexpr cli::Option kDeadline = {.name = "--deadline",
                                   .value = "D",
                                   .about = "How long the store is waited for in all; else 10s"};

constexpr cli::Option kEvaluateOptions[] = {
    {.name = "--state", .value = "FILE", .about = "Decide from this health state (JSON or YAML)"},
    {.name = "--dry-run", .about = "Change nothing"},
    {.name = "--record",
     .value = "FILE",
     .about = "Append what was decided from, for rz cascade replay"},
    {.name = "--explain", .about = "Show each rule and vote, and what would change the outcome"},
    kDeadline,
    kExitCode,
    kFailOn,
    cli::kExitStyle,
    cli::kScope,
};

constexpr cli::Option kScopeOptions[] = {cli::kScope};

constexpr cli::Option kVotesOptions[] = {kDeadline, cli::kScope};

constexpr cli::Option kStatusOptions[] = {
    {.name = "--require",
     .value = "MODE",
     .about = "Answer 0 if the mode is this one or a better one; a gate for scripts",
     .words = cli::kModeWords},
    kDeadline,
    kExitCode,
    kFailOn,
    cli::kExitStyle,
    cli::kScope,
};

constexpr cli::Operand kCallbacksOperands[] = {
    {.name = "ACTION",
     .about = "retry: make it due at once, also one that was given up; drop: take it off the list",
     .words = "retry|drop"},
    {.name = "EPOCH", .about = "Of its transition; the token that is shown where there is none"}};

constexpr cli::Operand kSetOperands[] = {{.name = "MODE",
                                          .about = "primary, heuristic or safe",
                                          .words = cli::kModeWords,
                                          .required = true}};
constexpr cli::Option kSetOptions[] = {
    {.name = "--for", .value = "D", .about = "For so long; else fallback.pin of the config (1h)"},
    {.name = "--forever", .about = "Until it is released"},
    {.name = "--reason", .value = "R", .about = "Why; it is recorded", .may_be_empty = true},
    cli::kScope,
};

constexpr cli::Operand kReplayOperands[] = {
    {.name = "FILE",
     .about = "What --record has written; - or nothing is standard input",
     .many = true}};
constexpr cli::Option kReplayOptions[] = {
    {.name = "--policy",
     .value = "FILE",
     .about = "A configuration whose fallback is to be compared",
     .repeatable = true},
    cli::kScope,
};

constexpr cli::Option kVariablesOptions[] = {
    {.name = "--state", .value = "FILE", .about = "Show the values of this health state"}};

constexpr cli::Operand kDetectOperands[] = {
    {.name = "FILE", .about = "A JSON object; - or nothing is standard input"}};

constexpr cli::Command kCommands[] = {
    {.summary = "Decide from health how degraded the system runs",
     .options = kEvaluateOptions,
     .formats = reports::kNamesFor<reports::CascadeAnswer>,
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
     .formats = reports::kNamesFor<reports::CascadeAnswer>,
     .exits = "0 told; with --exit-code 0 primary, 1 heuristic, 2 safe; with --require 0 the mode "
              "is good enough, else the same; 3 could not tell",
     .schema = kSchema,
     .answer = "mode",
     .run = status},
    {.name = "metrics",
     .summary = "Print the fallback metrics, as JSON",
     .examples = "rz cascade metrics | jq .total_transitions",
     .options = kScopeOptions,
     .formats = reports::kNamesFor<FallbackMetrics>,
     .exits = "0 told, 3 could not tell",
     .schema = "rz.cascade.metrics/1",
     .run = metrics},
    {.name = "votes",
     .summary = "List the hosts that call for a worse mode than primary",
     .examples = "rz cascade votes\n"
                 "rz cascade votes --format json | jq '.votes[].voter'",
     .options = kVotesOptions,
     .formats = reports::kNamesFor<Votes>,
     .exits = "0 told, 3 could not tell",
     .schema = "rz.cascade.votes/1",
     .answer = "votes",
     .run = votes},
    {.name = "callbacks",
     .summary = "List the callbacks that are owed and how the last ones ended",
     .examples = "rz cascade callbacks\n"
                 "rz cascade callbacks retry 7        what was given up is run again",
     .operands = kCallbacksOperands,
     .options = kScopeOptions,
     .formats = reports::kNamesFor<CallbackList>,
     .exits =
         "0 told or done; with retry 0 it has run, 1 it is still owed; 3 could not tell, or not "
         "done",
     .schema = "rz.cascade.callbacks/1",
     .answer = "callbacks",
     .run = manage_callbacks},
    {.name = "set",
     .summary = "Enter a mode and pin it, whatever health says",
     .examples = "rz cascade set safe --for 30m --reason 'database migration'",
     .operands = kSetOperands,
     .options = kSetOptions,
     .formats = reports::kNamesFor<reports::CascadeAnswer>,
     .exits = "0 the mode is set, 3 it is not",
     .schema = kSchema,
     .answer = "mode",
     .run = set},
    {.name = "release",
     .summary = "Take the pin away; the next evaluation decides",
     .examples = "rz cascade release",
     .options = kScopeOptions,
     .formats = reports::kNamesFor<reports::CascadeAnswer>,
     .exits = "0 released, 3 not released",
     .schema = kSchema,
     .answer = "mode",
     .run = release},
    {.name = "forget",
     .summary = "Start anew on purpose: in the store, and on this host",
     .examples = "rz cascade forget        the store was emptied, and that was meant",
     .options = kScopeOptions,
     .formats = reports::kNamesFor<reports::CascadeAnswer>,
     .exits = "0 begun anew, 3 not",
     .schema = kSchema,
     .answer = "mode",
     .run = forget},
    {.name = "replay",
     .summary = "Show what a policy would have made of recorded states",
     .examples = "rz cascade --record states.ndjson\n"
                 "rz cascade replay states.ndjson --policy candidate.yaml\n"
                 "rz cascade replay web-1.ndjson web-2.ndjson        hosts with a file each",
     .operands = kReplayOperands,
     .options = kReplayOptions,
     .formats = reports::kNamesFor<reports::PolicyReplay>,
     .exits = "0 replayed, 3 could not be replayed",
     .schema = "rz.cascade.replay/1",
     .answer = "policies",
     .run = replay_policies},
    {.name = "variables",
     .summary = "List the variables that a rule may ask for",
     .examples = "rz cascade variables\n"
                 "rz health state | rz cascade variables --state -        and what they are now",
     .options = kVariablesOptions,
     .formats = reports::kNamesFor<reports::Listing>,
     .exits = "0 told, 3 could not tell",
     .schema = "rz.cascade.variables/1",
     .answer = "variables",
     .run = show_variables},
    {.name = "detect",
     .summary = "Ask the current mode's detector about a telemetry record",
     .examples = "echo '{\"severity\": 0.9}' | rz cascade detect",
     .operands = kDetectOperands,
     .options = kScopeOptions,
     .formats = reports::kNamesFor<reports::Detection>,
     .exits = "0 the detector answered, 3 could not tell",
     .schema = "rz.cascade.detect/1",
     .answer = "anomaly",
     .run = run_detector},
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

const apps::Registered registered(kProgram);

}  // namespace
