#include <string>
#include <utility>

#include "programs.h"
#include "rz/base/byte_source.h"
#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/cli/interrupt.h"
#include "rz/cli/option_values.h"
#include "rz/cli/program.h"
#include "rz/cli/progress.h"
#include "rz/fallback/history/transition_import.h"
#include "rz/reports/formats.h"
#include "rz/reports/transitions.h"
#include "rz/runtime/history.h"
#include "transitions_audit.h"
#include "transitions_list.h"
#include "warnings.h"

namespace {

using namespace rz;

using apps::Warnings;

// To change it, or to say what would be changed, which writes nothing: decisions that are waiting
// for the store wait on.
Result<fallback::TransitionLog> open_log(cli::Context& context, bool dry_run) {
  return context.while_waiting_for("the store", [&]() -> Result<fallback::TransitionLog> {
    if (!dry_run) return runtime::open_history_to_change(context.runtime());
    context.runtime().never_create_store();
    return runtime::open_history_as_it_is(context.runtime());
  });
}

Result<int> list(cli::Context& context, const cli::Arguments& arguments) {
  if (arguments.has("--follow")) return apps::follow_transitions(context, arguments);
  if (arguments.has("--cursor-file")) {
    return fail(ErrorCode::invalid_argument, "is for --follow", "--cursor-file");
  }
  return apps::list_transitions(context, arguments);
}

// ---- Long work

/// A line on the terminal while it goes on, and the end of it when Ctrl-C asks.
class LongWork {
 public:
  LongWork(const cli::Context& context, bool dry_run, const std::string& what)
      : dry_run_(dry_run),
        what_("records " + std::string(dry_run ? "that would be " : "") + what),
        progress_(context.options().quiet) {}

  fallback::GoOn go_on() {
    return [this](std::size_t done) {
      if (progress_.due()) progress_.show(std::to_string(done) + " " + what_);
      done_ = done;
      stopped_ = interrupt_.asked();
      return !stopped_;
    };
  }

  /// Of work that failed: what was done before.
  tl::unexpected<Error> failed(const cli::Context& context, const Error& error) {
    progress_.clear();
    if (done_ > 0) {
      context.warn("failed after " + std::to_string(done_) + " " + what_ +
                   (dry_run_ ? "" : "; running it again goes on"));
    }
    return fail(error);
  }

  /// Reports what was done; the exit code.
  template <class Done>
  int finish(cli::Context& context, Done done) {
    progress_.clear();
    done.dry_run = dry_run_;
    done.interrupted = stopped_;
    context.print(done);
    if (!stopped_) return cli::kYes;
    context.warn(dry_run_ ? "interrupted; there may be more"
                          : "interrupted; nothing is half done, and running it again goes on");
    return interrupt_.exit_code();
  }

  bool asked() const { return interrupt_.asked(); }
  void clear() { progress_.clear(); }

 private:
  const bool dry_run_;
  std::string what_;
  cli::Progress progress_;
  cli::Interrupt interrupt_;
  std::size_t done_ = 0;  ///< So far.
  bool stopped_ = false;  ///< Whether it ended before its end.
};

Result<int> reindex(cli::Context& context, const cli::Arguments& arguments) {
  const bool dry_run = arguments.has("--dry-run");
  auto log = open_log(context, dry_run);
  if (!log) return fail(log.error());
  LongWork work(context, dry_run, "indexed");
  const auto indexed = log->index().reindex(work.go_on(), dry_run);
  if (!indexed) return work.failed(context, indexed.error());
  return work.finish(context, reports::Reindexed{.indexed = *indexed});
}

Result<int> prune(cli::Context& context, const cli::Arguments& arguments) {
  const auto age = cli::parse_span("--older-than", arguments.text("--older-than"));
  if (!age) return fail(age.error());
  const bool dry_run = arguments.has("--dry-run");
  auto log = open_log(context, dry_run);
  if (!log) return fail(log.error());
  LongWork work(context, dry_run, "removed");
  const auto removed = log->prune(context.runtime().clock().now() - *age, work.go_on(), dry_run);
  if (!removed) return work.failed(context, removed.error());
  return work.finish(context, reports::Pruned{.removed = *removed});
}

Result<int> import(cli::Context& context, const cli::Arguments& arguments) {
  const std::string path = *arguments.operand("FILE");
  const bool dry_run = arguments.has("--dry-run");
  auto log = open_log(context, dry_run);
  if (!log) return fail(log.error());
  auto mode = runtime::mode_of_history(context.runtime());
  if (!mode) return fail(mode.error());
  LongWork work(context, dry_run, "imported");
  const auto source = open_byte_source(path, [&work] { return !work.asked(); });
  if (!source) return fail(source.error());
  Warnings bad(context);
  const auto bad_line = [&](std::uint64_t line, const Error& error) {
    work.clear();
    bad.add(input_name(path) + ":" + std::to_string(line) + ": " + error.message);
  };
  const auto report = fallback::import_transitions(
      **source, *log, bad_line, work.go_on(), input_name(path),
      [&mode] { return mode->begin_if_new(); }, dry_run);
  bad.finish("bad line");
  if (!report) return work.failed(context, report.error());
  const int code = work.finish(context, reports::Imported{.records = *report});
  return code == cli::kYes && report->bad > 0 ? cli::kCouldNotTell : code;
}

// ---- The commands

constexpr auto& kFormats = reports::kNamesFor<reports::TransitionsWriter>;
constexpr std::string_view kSchema = "rz.transitions/1";
constexpr std::string_view kListExits =
    "0 shown, 3 some records could not be read, 128+n ended by signal n";
constexpr std::string_view kDayWords =
    "today|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday";

constexpr cli::Option kListOptions[] = {
    {.name = "--since",
     .value = "T",
     .about = "From this time, so long ago, or the beginning of this day on",
     .words = kDayWords},
    {.name = "--until",
     .value = "T",
     .about = "Before this time, so long ago, or the beginning of this day",
     .words = kDayWords},
    {.name = "--limit", .value = "N", .about = "The newest N of those that match"},
    {.name = "--from",
     .value = "MODE",
     .about = "Those that left this mode",
     .words = cli::kModeWords},
    {.name = "--to",
     .value = "MODE",
     .about = "Those that entered this mode",
     .words = cli::kModeWords},
    {.name = "--reason", .value = "TEXT", .about = "Those whose reason holds TEXT, in any case"},
    {.name = "--reverse", .about = "Newest first"},
    {.name = "--report",
     .value = "FORMAT=FILE",
     .about = "Write the list to a file, too",
     .repeatable = true},
    {.name = "--follow", .about = "Go on with new records as they come, until Ctrl-C"},
    {.name = "--cursor-file",
     .value = "FILE",
     .about = "With --follow: go on behind what an earlier run with FILE has shown"},
    cli::kScope,
};

constexpr cli::Option kDryRun = {.name = "--dry-run",
                                 .about = "Say what would be done, and change nothing"};
constexpr cli::Option kDryRunAndScope[] = {kDryRun, cli::kScope};
constexpr cli::Option kPruneOptions[] = {{.name = "--older-than",
                                          .value = "D",
                                          .about = "Those that are older than this",
                                          .required = true},
                                         kDryRun,
                                         cli::kScope};

constexpr std::int64_t kMaxCount = 1'000'000'000;

// Of an audit and of statistics.
constexpr cli::Option kSince = {
    .name = "--since",
    .value = "T",
    .about = "From this time, so long ago, or the beginning of this day on",
    .words = kDayWords};
constexpr cli::Option kUntil = {
    .name = "--until",
    .value = "T",
    .about = "Before this time, so long ago, or the beginning of this day; default: now",
    .words = kDayWords};

constexpr cli::Option kAuditOptions[] = {
    kSince,
    kUntil,
    {.name = "--max-transitions",
     .value = "N",
     .about = "Changes of the mode",
     .min = 0,
     .max = kMaxCount},
    {.name = "--max-degraded", .value = "D", .about = "Time in heuristic or safe"},
    {.name = "--max-safe", .value = "D", .about = "Time in safe"},
    {.name = "--max-flaps",
     .value = "N",
     .about = "Changes back to a mode that was just left",
     .min = 0,
     .max = kMaxCount},
    {.name = "--max-unknown", .value = "D", .about = "Time of which the mode is not known"},
    {.name = "--slo", .value = "P%", .about = "Share of the time in primary, like 99.9%"},
    {.name = "--window",
     .value = "D",
     .about = "Of the error budget, and where --since is not given"},
    {.name = "--flap-window", .value = "D", .about = "Back within this time is a flap"},
    {.name = "--maintenance",
     .value = "START/D",
     .about = "Times that do not count, beside those of the configuration",
     .repeatable = true},
    {.name = "--report",
     .value = "FORMAT=FILE",
     .about = "Write the report to a file, too",
     .repeatable = true},
    cli::kScope,
};

constexpr cli::Option kStatsOptions[] = {
    kSince,
    kUntil,
    {.name = "--by",
     .value = "UNIT",
     .about = "Periods that are shown one by one",
     .choices = "hour|day|week",
     .preset = "day"},
    {.name = "--flap-window", .value = "D", .about = "Back within this time is a flap"},
    {.name = "--maintenance",
     .value = "START/D",
     .about = "Times that do not count, beside those of the configuration",
     .repeatable = true},
    {.name = "--report",
     .value = "FORMAT=FILE",
     .about = "Write the report to a file, too",
     .repeatable = true},
    cli::kScope,
};

constexpr cli::Operand kImportOperands[] = {
    {.name = "FILE",
     .about = "A record a line, as --format ndjson prints them; - for stdin",
     .required = true}};

constexpr cli::Command kCommands[] = {
    {.summary = "Show the history of mode transitions",
     .options = kListOptions,
     .formats = kFormats,
     .exits = kListExits,
     .schema = kSchema,
     .run = list},
    {.name = "list",
     .summary = "The same as without a command",
     .examples = "rz transitions list --since 24h\n"
                 "rz transitions list --since yesterday --until today\n"
                 "rz transitions list --to safe --limit 5\n"
                 "rz transitions list --report csv=all.csv --report markdown=all.md\n"
                 "rz transitions list --follow --format ndjson --cursor-file seen >> all.ndjson",
     .options = kListOptions,
     .formats = kFormats,
     .exits = kListExits,
     .schema = kSchema,
     .run = list},
    {.name = "audit",
     .summary = "Judge the history by limits",
     .examples = "rz transitions audit --since yesterday --until today --max-degraded 1h\n"
                 "rz transitions audit --slo 99.9% --window 30d --format nagios\n"
                 "rz transitions audit --max-flaps 3 --report junit=audit.xml",
     .options = kAuditOptions,
     .formats = reports::kNamesFor<reports::AuditReport>,
     .exits = "0 within all limits, 1 over one, 3 could not tell",
     .schema = "rz.audit/1",
     .answer = "ok",
     .run = run_transitions_audit},
    {.name = "stats",
     .summary = "Show times in modes, episodes and causes",
     .examples = "rz transitions stats --since 7d\n"
                 "rz transitions stats --since today --by hour",
     .options = kStatsOptions,
     .formats = reports::kNamesFor<reports::StatsReport>,
     .exits = "0 shown, 3 nothing is known, or some records could not be read",
     .schema = "rz.stats/1",
     .run = run_transitions_stats},
    {.name = "reindex",
     .summary = "Index records that an older system wrote",
     .examples = "rz transitions reindex",
     .options = kDryRunAndScope,
     .formats = reports::kNamesFor<reports::Reindexed>,
     .exits = "0 all are indexed, 3 some are not, 128+n ended by signal n",
     .schema = "rz.reindex/1",
     .run = reindex},
    {.name = "prune",
     .summary = "Remove old records",
     .examples = "rz transitions prune --older-than 90d --dry-run\n"
                 "rz transitions prune --older-than 90d",
     .options = kPruneOptions,
     .formats = reports::kNamesFor<reports::Pruned>,
     .exits = "0 removed, 3 some were not, 128+n ended by signal n",
     .schema = "rz.prune/1",
     .run = prune},
    {.name = "import",
     .summary = "Add records of another history",
     .examples = "rz transitions import history.ndjson\n"
                 "rz transitions --format ndjson | rz transitions import - --storage redis://db",
     .operands = kImportOperands,
     .options = kDryRunAndScope,
     .formats = reports::kNamesFor<reports::Imported>,
     .exits = "0 all are added, 3 some are not, 128+n ended by signal n",
     .schema = "rz.import/1",
     .run = import},
};

constexpr cli::Program kProgram = {.name = "rz transitions",
                                   .summary = "Show and keep the history of mode transitions.",
                                   .examples =
                                       "rz transitions --since 24h\n"
                                       "rz transitions --to safe --limit 5\n"
                                       "rz transitions --format csv > transitions.csv",
                                   .commands = kCommands};

const apps::Registered registered(kProgram);

}  // namespace
