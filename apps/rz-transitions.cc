#include <memory>
#include <string>
#include <tuple>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/cli/program.h"
#include "rz/cli/setup.h"
#include "rz/cli/table.h"
#include "rz/fallback/transition_log.h"

namespace {

using namespace rz;

const cli::ProgramInfo kInfo = {"rz transitions",
                                "Show the history of mode transitions.",
                                "  rz transitions --since 24h\n"
                                "  rz transitions --to safe --limit 5\n"
                                "  rz transitions --format csv > transitions.csv\n",
                                {"text", "json", "ndjson", "csv"}};

struct ListFlags {
  std::string since;
  std::string until;
  std::string from;
  std::string to;
  std::string reason;
  std::string limit;
  bool reverse = false;
};

Result<std::optional<Mode>> read_mode(const std::string& option, const std::string& text) {
  if (text.empty()) return std::optional<Mode>{};
  if (const auto mode = parse_mode(text)) return mode;
  return fail(ErrorCode::invalid_argument,
              "'" + printable(text) + "' is no mode; it is one of primary, heuristic, safe",
              option);
}

Result<TransitionQuery> read_query(const ListFlags& flags) {
  TransitionQuery query;
  const TimePoint now = SystemClock::instance().now();
  for (const auto& [option, text, out] : {std::tuple{"--since", &flags.since, &query.since},
                                          {"--until", &flags.until, &query.until}}) {
    if (text->empty()) continue;
    const auto time = cli::parse_moment(option, *text, now);
    if (!time) return fail(time.error());
    *out = *time;
  }
  for (const auto& [option, text, out] :
       {std::tuple{"--from", &flags.from, &query.from}, {"--to", &flags.to, &query.to}}) {
    const auto mode = read_mode(option, *text);
    if (!mode) return fail(mode.error());
    *out = *mode;
  }
  if (!flags.limit.empty()) {
    const auto limit = parse_int(flags.limit);
    if (!limit || *limit < 1) {
      return fail(ErrorCode::invalid_argument,
                  "'" + printable(flags.limit) + "' is no count of 1 or more", "--limit");
    }
    query.limit = static_cast<std::size_t>(*limit);
  }
  query.reason = flags.reason;
  query.newest_first = flags.reverse;
  return query;
}

// RFC 4180; a field that a spreadsheet would run as a formula is left to it: the data is as it is.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string csv_line(const Transition& t) {
  const std::string epoch = t.epoch ? std::to_string(*t.epoch) : "";
  return format_timestamp(t.timestamp) + "," + to_string(t.from) + "," + to_string(t.to) + "," +
         csv_field(t.reason) + "," + csv_field(t.trigger) + "," + csv_field(t.actor) + "," +
         csv_field(t.host) + "," + epoch + "\r\n";
}

const char* color_of(Mode mode) {
  return mode == Mode::primary ? "green" : mode == Mode::heuristic ? "yellow" : "red";
}

/// Writes transitions as they come, in one of the formats. JSON and CSV are streams: their memory
/// does not grow with the history.
class Printer {
 public:
  Printer(cli::Output& out, const std::string& format) : out_(out), format_(format) {
    if (format_ == "csv") out_.write("timestamp,from,to,reason,trigger,actor,host,epoch\r\n");
  }

  void add(const Transition& transition) {
    if (format_ == "ndjson") {
      out_.line(to_json(to_value(transition)));
    } else if (format_ == "csv") {
      out_.write(csv_line(transition));
    } else if (format_ == "json") {
      transitions_.push_back(to_value(transition));
    } else {
      table_.add({{format_timestamp(transition.timestamp)},
                  {to_string(transition.from)},
                  {to_string(transition.to), color_of(transition.to)},
                  {printable(transition.reason) + (transition.legacy() ? " (old system)" : "")}});
      any_ = true;
    }
  }

  void finish() {
    if (format_ == "json") {
      const auto count = transitions_.as_array()->size();
      out_.json(Value::object({{"schema", "rz.transitions/1"},
                               {"count", count},
                               {"transitions", std::move(transitions_)}}));
    } else if (format_ == "text") {
      table_.print(out_);
    }
  }

  bool empty_table() const { return format_ == "text" && !any_; }

 private:
  cli::Output& out_;
  const std::string& format_;
  Value transitions_ = Value::array();
  cli::Table table_{{{"TIME"}, {"FROM"}, {"TO"}, {"REASON"}}};
  bool any_ = false;
};

Result<TransitionLog> open_log(cli::Context& context) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  const auto storage = context.storage();
  if (!storage) return fail(storage.error());
  return TransitionLog(**storage, (*config)->fallback.retention);
}

Result<int> list(cli::Context& context, const ListFlags& flags) {
  const auto query = read_query(flags);
  if (!query) return fail(query.error());
  if (auto whole = cli::bring_back_spool(context); !whole) return fail(std::move(whole).error());
  const auto log = open_log(context);
  if (!log) return fail(log.error());
  Printer printer(context.out(), context.options().format);
  bool corrupt = false;
  const auto walked = log->visit(
      *query,
      [&](const Transition& transition) {
        printer.add(transition);
        return !context.out().closed_pipe();
      },
      [&](const std::string& key, const Error& error) {
        corrupt = true;
        context.warn(printable(key) + ": " + to_string(error));
      });
  printer.finish();
  if (!walked) return fail(walked.error());
  if (printer.empty_table()) context.warn("no transitions");
  // What could not be read may be what was asked for.
  return corrupt ? cli::kCouldNotTell : cli::kYes;
}

Result<int> reindex(cli::Context& context) {
  const auto log = open_log(context);
  if (!log) return fail(log.error());
  const auto report = log->reindex();
  if (!report) return fail(report.error());
  if (context.json()) {
    context.out().json(Value::object(
        {{"schema", "rz.reindex/1"}, {"found", report->found}, {"indexed", report->indexed}}));
  } else {
    context.out().line(std::to_string(report->indexed) + " of " + std::to_string(report->found) +
                       " records indexed");
  }
  return cli::kYes;
}

void define(CLI::App& app, cli::Context& context) {
  auto flags = std::make_shared<ListFlags>();
  app.add_option("--since", flags->since, "From this time, or so long ago, on")->type_name("T");
  app.add_option("--until", flags->until, "Before this time, or so long ago")->type_name("T");
  app.add_option("--limit", flags->limit, "The newest N of those that match")->type_name("N");
  app.add_option("--from", flags->from, "Those that left this mode")->type_name("MODE");
  app.add_option("--to", flags->to, "Those that entered this mode")->type_name("MODE");
  app.add_option("--reason", flags->reason, "Those whose reason holds TEXT, in any case")
      ->type_name("TEXT");
  app.add_flag("--reverse", flags->reverse, "Newest first");
  context.run = [&context, flags] { return list(context, *flags); };

  app.add_subcommand("list", "The same as without a command")->callback([&context, flags] {
    context.run = [&context, flags] { return list(context, *flags); };
  });
  app.add_subcommand("reindex", "Index records that an older system wrote")->callback([&context] {
    context.run = [&context] { return reindex(context); };
  });
}

}  // namespace

int main(int argc, char** argv) { return rz::cli::run_program(argc, argv, kInfo, define); }
