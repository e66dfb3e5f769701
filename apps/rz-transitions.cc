#include <memory>
#include <string>
#include <utility>

#include "programs.h"
#include "rz/base/byte_source.h"
#include "rz/base/counted.h"
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

namespace {

using namespace rz;

Result<std::optional<Mode>> read_mode(const cli::Arguments& arguments, const char* option) {
  const std::string text = arguments.text(option);
  if (text.empty()) return std::optional<Mode>{};
  if (const auto mode = parse_mode(text)) return mode;
  return fail(ErrorCode::invalid_argument,
              "'" + printable(text) + "' is not a mode; use primary, heuristic or safe", option);
}

Result<fallback::TransitionQuery> read_query(const cli::Arguments& arguments, TimePoint now) {
  fallback::TransitionQuery query;
  for (const auto& [option, out] :
       {std::pair{"--since", &query.since}, {"--until", &query.until}}) {
    if (!arguments.has(option)) continue;
    const auto time = cli::parse_moment(option, arguments.text(option), now);
    if (!time) return fail(time.error());
    *out = *time;
  }
  if (query.since && query.until && *query.until <= *query.since) {
    return fail(ErrorCode::invalid_argument,
                "ends before it begins, at --since; no record can match", "--until");
  }
  for (const auto& [option, out] : {std::pair{"--from", &query.from}, {"--to", &query.to}}) {
    const auto mode = read_mode(arguments, option);
    if (!mode) return fail(mode.error());
    *out = *mode;
  }
  if (arguments.has("--limit")) {
    const std::string text = arguments.text("--limit");
    const auto limit = parse_int(text);
    if (!limit || *limit < 1) {
      return fail(ErrorCode::invalid_argument,
                  "'" + printable(text) + "' is not a count; write a whole number, 1 or more",
                  "--limit");
    }
    query.limit = static_cast<std::size_t>(*limit);
  }
  query.reason = arguments.text("--reason");
  query.newest_first = arguments.has("--reverse");
  return query;
}

/// Warnings of a kind: the first few, and how many more there were.
class Warnings {
 public:
  explicit Warnings(cli::Context& context) : context_(context) {}

  void add(const std::string& text) {
    if (++count_ <= kShown) context_.warn(text);
  }

  /// `what` names one of them.
  void finish(const std::string& what) const {
    if (count_ <= kShown) return;
    context_.warn(counted(count_ - kShown, "more " + what));
  }

  bool any() const { return count_ > 0; }

 private:
  static constexpr std::size_t kShown = 20;

  cli::Context& context_;
  std::size_t count_ = 0;
};

// To change it.
Result<fallback::TransitionLog> open_log(cli::Context& context) {
  return context.while_waiting_for(
      "the store", [&] { return runtime::open_history_to_change(context.runtime()); });
}

Result<int> list(cli::Context& context, const cli::Arguments& arguments) {
  const auto query = read_query(arguments, context.runtime().clock().now());
  if (!query) return fail(query.error());
  auto history = context.while_waiting_for(
      "the store", [&] { return runtime::open_history(context.runtime()); });
  if (!history) return fail(history.error());
  const std::string& format = context.options().format;
  const auto writer = reports::writer<reports::TransitionsWriter>(format)(context.out());
  std::size_t count = 0;
  Warnings corrupt(context);
  const auto walked = history->log.visit(
      *query,
      [&](const Transition& transition) {
        writer->add(transition);
        ++count;
        return !context.out().closed_pipe();
      },
      [&](const std::string& key, const Error& error) {
        corrupt.add(printable(key) + ": " + to_string(error));
      });
  writer->finish({walked ? nullptr : &walked.error(), history->whole});
  corrupt.finish("unreadable record");
  if (!walked) return fail(walked.error());
  if (count == 0 && format == "text") context.warn("no transitions");
  // What could not be read may be what was asked for.
  return corrupt.any() || !history->whole ? cli::kCouldNotTell : cli::kYes;
}

// ---- Long work

/// A line on the terminal while it goes on, and the end of it when Ctrl-C asks.
class LongWork {
 public:
  LongWork(const cli::Context& context, std::string what)
      : what_(std::move(what)), progress_(context.options().quiet) {}

  fallback::GoOn go_on() {
    return [this](std::size_t done) {
      if (progress_.due()) progress_.show(std::to_string(done) + " " + what_);
      stopped_ = interrupt_.asked();
      return !stopped_;
    };
  }

  /// Reports what was done; the exit code.
  template <class Done>
  int finish(cli::Context& context, Done done) {
    progress_.clear();
    done.interrupted = stopped_;
    context.print(done);
    if (!stopped_) return cli::kYes;
    context.warn("interrupted; nothing is half done, and running it again goes on");
    return interrupt_.exit_code();
  }

  bool asked() const { return interrupt_.asked(); }
  void clear() { progress_.clear(); }

 private:
  std::string what_;
  cli::Progress progress_;
  cli::Interrupt interrupt_;
  bool stopped_ = false;  ///< Whether it ended before its end.
};

Result<int> reindex(cli::Context& context, const cli::Arguments&) {
  auto log = open_log(context);
  if (!log) return fail(log.error());
  LongWork work(context, "records indexed");
  const auto indexed = log->index().reindex(work.go_on());
  if (!indexed) return fail(indexed.error());
  return work.finish(context, reports::Reindexed{*indexed});
}

Result<int> prune(cli::Context& context, const cli::Arguments& arguments) {
  const auto age = cli::parse_span("--older-than", arguments.text("--older-than"));
  if (!age) return fail(age.error());
  auto log = open_log(context);
  if (!log) return fail(log.error());
  LongWork work(context, "records removed");
  const auto removed = log->prune(context.runtime().clock().now() - *age, work.go_on());
  if (!removed) return fail(removed.error());
  return work.finish(context, reports::Pruned{*removed});
}

Result<int> import(cli::Context& context, const cli::Arguments& arguments) {
  const std::string path = *arguments.operand("FILE");
  auto log = open_log(context);
  if (!log) return fail(log.error());
  auto mode = runtime::mode_of_history(context.runtime());
  if (!mode) return fail(mode.error());
  LongWork work(context, "records imported");
  const auto source = open_byte_source(path, [&work] { return !work.asked(); });
  if (!source) return fail(source.error());
  Warnings bad(context);
  const auto bad_line = [&](std::uint64_t line, const Error& error) {
    work.clear();
    bad.add(input_name(path) + ":" + std::to_string(line) + ": " + error.message);
  };
  const auto report =
      fallback::import_transitions(**source, *log, bad_line, work.go_on(), input_name(path),
                                   [&mode] { return mode->begin_if_new(); });
  bad.finish("bad line");
  if (!report) return fail(report.error());
  const int code = work.finish(context, reports::Imported{*report});
  return code == cli::kYes && report->bad > 0 ? cli::kCouldNotTell : code;
}

// ---- The commands

constexpr auto& kFormats = reports::kNamesFor<reports::TransitionsWriter>;
constexpr std::string_view kSchema = "rz.transitions/1";
constexpr std::string_view kListExits = "0 shown, 3 some records could not be read";

constexpr cli::Option kListOptions[] = {
    {.name = "--since", .value = "T", .about = "From this time, or so long ago, on"},
    {.name = "--until", .value = "T", .about = "Before this time, or so long ago"},
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
};

constexpr cli::Option kPruneOptions[] = {{.name = "--older-than",
                                          .value = "D",
                                          .about = "Those that are older than this",
                                          .required = true}};

constexpr std::int64_t kMaxCount = 1'000'000'000;

constexpr cli::Option kAuditOptions[] = {
    {.name = "--since", .value = "T", .about = "From this time, or so long ago, on"},
    {.name = "--until", .value = "T", .about = "Before this time, or so long ago; default: now"},
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
};

constexpr cli::Option kStatsOptions[] = {
    {.name = "--since", .value = "T", .about = "From this time, or so long ago, on"},
    {.name = "--until", .value = "T", .about = "Before this time, or so long ago; default: now"},
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
                 "rz transitions list --to safe --limit 5",
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
     .formats = reports::kNamesFor<reports::Reindexed>,
     .exits = "0 all are indexed, 3 some are not, 128+n ended by signal n",
     .schema = "rz.reindex/1",
     .run = reindex},
    {.name = "prune",
     .summary = "Remove old records",
     .examples = "rz transitions prune --older-than 90d",
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
