#include "transitions_list.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report_files.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/cli/option_values.h"
#include "rz/reports/formats.h"
#include "rz/reports/transitions.h"
#include "rz/runtime/history.h"
#include "rz/runtime/history_audit.h"
#include "transitions_window.h"
#include "warnings.h"

namespace rz::apps {
namespace {

Result<std::optional<Mode>> read_mode(const cli::Arguments& arguments, const char* option) {
  const std::string text = arguments.text(option);
  if (text.empty()) return std::optional<Mode>{};
  if (const auto mode = parse_mode(text)) return mode;
  return fail(ErrorCode::invalid_argument,
              "'" + printable(text) + "' is not a mode; use primary, heuristic or safe", option);
}

Result<std::optional<std::size_t>> read_limit(const cli::Arguments& arguments) {
  if (!arguments.has("--limit")) return std::optional<std::size_t>{};
  const std::string text = arguments.text("--limit");
  const auto limit = parse_int(text);
  if (limit && *limit >= 1) return std::optional(static_cast<std::size_t>(*limit));
  return fail(ErrorCode::invalid_argument,
              "'" + printable(text) + "' is not a count; write a whole number, 1 or more",
              "--limit");
}

/// The list in several formats at once: the answer, and the files of `--report`.
class Lists {
 public:
  Lists(cli::Context& context, const std::vector<ReportFile>& files) {
    begin(context.options().format, context.out());
    for (const ReportFile& file : files) {
      begin(file.format, *pages_.emplace_back(std::make_unique<FilePage>(file.path)));
    }
  }

  void add(const fallback::TransitionView& transition) {
    for (const auto& writer : writers_) writer->add(transition);
    ++count_;
    oldest_ = std::min(oldest_, transition.timestamp);
  }

  void finish(const reports::EndOfList& end) {
    for (const auto& writer : writers_) writer->finish(end);
  }

  Result<void> replace_files() {
    std::vector<Result<void>> outcomes;
    for (const auto& page : pages_) outcomes.push_back(page->finish());
    return joined(outcomes);
  }

  std::size_t count() const { return count_; }
  /// TimePoint::max() if there is none.
  TimePoint oldest() const { return oldest_; }

 private:
  void begin(const std::string& format, reports::Page& page) {
    writers_.push_back(reports::writer<reports::TransitionsWriter>(format)(page));
  }

  std::vector<std::unique_ptr<FilePage>> pages_;
  std::vector<std::unique_ptr<reports::TransitionsWriter>> writers_;
  std::size_t count_ = 0;
  TimePoint oldest_ = TimePoint::max();
};

// The time that a list is of: what was asked for, else from its oldest record up to now.
history::Interval time_of(const fallback::TransitionQuery& query, TimePoint oldest, TimePoint now,
                          Millis without_records) {
  history::Interval time;
  time.end = std::min(query.until.value_or(now), now);
  time.begin = query.since.value_or(oldest);
  if (time.empty()) time.begin = time.end - without_records;
  return time;
}

// A list that was selected by more than its time does not tell which modes there were, nor for how
// long, so the history of that time is read again.
Result<reports::StatsReport> modes_beside(cli::Context& context,
                                          const fallback::TransitionQuery& query,
                                          TimePoint oldest) {
  TRY_ASSIGN(auto options, configured_audit(context));
  options.slo.reset();  // The budget is shown by others.
  TRY_ASSIGN(const TimePoint now, runtime::time_of_history(context.runtime()));
  const history::Interval time = time_of(query, oldest, now, options.window);
  TRY_ASSIGN(auto asked, ask_for_window(std::move(options), time, true));
  asked.now = now;
  // What the list could not read has been told, and the page tells the rest.
  return read_window(context, asked, false);
}

}  // namespace

Result<fallback::TransitionQuery> read_transition_query(const cli::Arguments& arguments,
                                                        TimePoint now) {
  fallback::TransitionQuery query;
  for (const auto& [option, out] :
       {std::pair{"--since", &query.since}, {"--until", &query.until}}) {
    if (!arguments.has(option)) continue;
    TRY_ASSIGN(*out, cli::parse_moment(option, arguments.text(option), now));
  }
  if (query.since && query.until && *query.until <= *query.since) {
    return fail(ErrorCode::invalid_argument,
                "ends before it begins, at --since; no record can match", "--until");
  }
  for (const auto& [option, out] : {std::pair{"--from", &query.from}, {"--to", &query.to}}) {
    TRY_ASSIGN(*out, read_mode(arguments, option));
  }
  TRY_ASSIGN(query.limit, read_limit(arguments));
  query.reason = arguments.text("--reason");
  query.newest_first = arguments.has("--reverse");
  return query;
}

Result<int> list_transitions(cli::Context& context, const cli::Arguments& arguments) {
  TRY_ASSIGN(const auto query, read_transition_query(arguments, context.runtime().clock().now()));
  TRY_ASSIGN(const auto files, read_report_files(arguments.all("--report"),
                                                 reports::kNamesFor<reports::TransitionsWriter>));
  context.runtime().read_absent_store_as_empty();
  auto history = context.while_waiting_for(
      "the store", [&] { return runtime::open_history(context.runtime()); });
  if (!history) return fail(history.error());
  if (context.options().verbose > 0) context.out().show_whole();
  Lists lists(context, files);
  Warnings corrupt(context);
  const auto walked = history->log.visit_views(
      query,
      [&](const fallback::TransitionView& transition) {
        lists.add(transition);
        return !context.out().closed_pipe();
      },
      [&](const std::string& key, const Error& error) {
        corrupt.add(printable(key) + ": " + to_string(error));
      });
  reports::EndOfList end{.failed = walked ? nullptr : &walked.error(), .whole = history->whole};
  std::optional<Result<reports::StatsReport>> modes;
  if (walked && writes_page(context, files)) {
    end.modes = &modes.emplace(modes_beside(context, query, lists.oldest()));
  }
  lists.finish(end);
  corrupt.finish("unreadable record");
  if (!walked) return fail(walked.error());
  if (!context.out().closed_pipe()) TRY(lists.replace_files());
  if (modes && !*modes) return fail(modes->error());
  if (lists.count() == 0 && context.options().format == "text") context.warn("no transitions");
  // What could not be read may be what was asked for.
  return corrupt.any() || !history->whole ? cli::kCouldNotTell : cli::kYes;
}

}  // namespace rz::apps
