#include "transitions_audit.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report_files.h"
#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/base/try.h"
#include "rz/cli/option_values.h"
#include "rz/fallback/fallback_fields.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/runtime/history_audit.h"
#include "transitions_window.h"

namespace rz {
namespace {

using history::Interval;
using history::LimitResult;

tl::unexpected<Error> wrong_option(const char* option, const std::string& what) {
  return fail(ErrorCode::invalid_argument, what, option);
}

// ---- The flags that take the place of fallback.audit

Result<void> read_spans(const cli::Arguments& arguments, AuditOptions& options) {
  for (const auto& [name, option] : {std::pair{"--max-degraded", &options.max_degraded},
                                     {"--max-safe", &options.max_safe},
                                     {"--max-unknown", &options.max_unknown}}) {
    TRY_ASSIGN(const auto most, cli::read_span(arguments, name, cli::Zero::allowed));
    if (most) *option = most;
  }
  return {};
}

Result<void> read_slo(const cli::Arguments& arguments, AuditOptions& options) {
  if (arguments.has("--slo")) {
    const auto percent = parse_percent(arguments.text("--slo"));
    if (!percent) return wrong_option("--slo", percent.error().message);
    if (const std::string problem = fallback::slo_problem(*percent); !problem.empty()) {
      return wrong_option("--slo", problem);
    }
    options.slo = *percent;
  }
  TRY_ASSIGN(const auto window, cli::read_span(arguments, "--window"));
  if (window) options.window = *window;
  return {};
}

// START/DURATION
Result<MaintenanceWindow> read_maintenance(const std::string& text, TimePoint now) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string::npos || slash == 0) {
    return wrong_option(
        "--maintenance",
        "'" + printable(text) + "' is not a window; write it like " + "2026-01-02T02:00:00Z/2h");
  }
  MaintenanceWindow window;
  TRY_ASSIGN(window.once, cli::parse_moment("--maintenance", text.substr(0, slash), now));
  TRY_ASSIGN(window.duration, cli::parse_span("--maintenance", text.substr(slash + 1)));
  return window;
}

Result<void> read_common(const cli::Arguments& arguments, TimePoint now, AuditOptions& options) {
  if (arguments.has("--flap-window")) {
    TRY_ASSIGN(options.flap_window,
               cli::parse_span("--flap-window", arguments.text("--flap-window")));
  }
  for (const std::string& text : arguments.all("--maintenance")) {
    TRY_ASSIGN(auto window, read_maintenance(text, now));
    options.maintenance.push_back(std::move(window));
  }
  return {};
}

Result<AuditOptions> read_limits(const cli::Arguments& arguments, AuditOptions options) {
  TRY(read_spans(arguments, options));
  TRY(read_slo(arguments, options));
  if (const auto most = arguments.number("--max-transitions")) options.max_transitions = *most;
  if (const auto most = arguments.number("--max-flaps")) options.max_flaps = *most;
  return options;
}

Result<void> require_limit(const AuditOptions& options) {
  const bool any = options.max_transitions || options.max_degraded || options.max_safe ||
                   options.max_flaps || options.max_unknown || options.slo;
  if (any) return {};
  return fail(ErrorCode::invalid_argument,
              "there is no limit to judge by; give one, like --max-degraded 1h, or set "
              "fallback.audit in the configuration; 'rz transitions stats' shows the same without "
              "limits");
}

// ---- The window

Result<Interval> read_interval(const cli::Arguments& arguments, const AuditOptions& options,
                               TimePoint now) {
  Interval window{now - options.window, now};
  if (arguments.has("--until")) {
    TRY_ASSIGN(window.end, cli::parse_moment("--until", arguments.text("--until"), now));
    window.begin = window.end - options.window;
  }
  if (arguments.has("--since")) {
    TRY_ASSIGN(window.begin, cli::parse_moment("--since", arguments.text("--since"), now));
  }
  // What a clock that is a little ahead took for now.
  if (window.end <= now + fallback::kStoreClockTolerance) window.end = std::min(window.end, now);
  if (window.end > now) {
    return wrong_option("--until", "is in the future, of which no history tells");
  }
  if (window.empty()) return wrong_option("--since", "is not before the end of the window");
  return window;
}

Result<TimeZone> zone_of(const AuditOptions& options) {
  return options.timezone.empty() ? TimeZone::local() : TimeZone::load(options.timezone);
}

Result<apps::WindowQuestion> read_command(cli::Context& context, const cli::Arguments& arguments,
                                          AuditOptions options, history::CalendarUnit unit,
                                          bool page) {
  context.runtime().read_absent_store_as_empty();
  TRY_ASSIGN(const TimePoint now, context.while_waiting_for("the store", [&] {
    return runtime::time_of_history(context.runtime());
  }));
  TRY(read_common(arguments, now, options));
  TRY_ASSIGN(const Interval window, read_interval(arguments, options, now));
  TRY_ASSIGN(auto command, apps::ask_for_window(std::move(options), window, page));
  command.now = now;
  command.report.unit = unit;
  command.report.zone_name = command.options.timezone;
  TRY_ASSIGN(command.report.zone, zone_of(command.options));
  return command;
}

template <class Document>
Result<void> publish(cli::Context& context, const std::vector<apps::ReportFile>& files,
                     const Document& document) {
  context.print(document);
  return apps::write_report_files(files, document);
}

int exit_code_of(LimitResult result) {
  switch (result) {
    case LimitResult::kept:
    case LimitResult::warned: return cli::kYes;
    case LimitResult::unknown: return cli::kCouldNotTell;
    case LimitResult::broken: return cli::kNo;
  }
  return cli::kCouldNotTell;
}

}  // namespace

Result<int> run_transitions_audit(cli::Context& context, const cli::Arguments& arguments) {
  TRY_ASSIGN(const auto files, apps::read_report_files(arguments.all("--report"),
                                                       reports::kNamesFor<reports::AuditReport>));
  TRY_ASSIGN(auto options, apps::configured_audit(context));
  TRY_ASSIGN(options, read_limits(arguments, std::move(options)));
  TRY_ASSIGN(auto command,
             read_command(context, arguments, std::move(options), history::CalendarUnit::day,
                          apps::writes_page(context, files)));
  TRY(require_limit(command.options));
  // Of a window of centuries no picture shows the days.
  const Interval& window = command.question.window;
  if (auto days = calendar_bounds(window, command.report.unit, command.report.zone)) {
    command.question.periods = *std::move(days);
  }
  reports::AuditReport report;
  TRY_ASSIGN(report.stats, apps::read_window(context, command));
  report.limits = history::judge_limits(report.stats.audit, command.options);
  for (const history::LimitVerdict& limit : report.limits) {
    if (limit.result == LimitResult::warned) context.warn(limit.sentence);
  }
  TRY(publish(context, files, report));
  return exit_code_of(report.result());
}

Result<int> run_transitions_stats(cli::Context& context, const cli::Arguments& arguments) {
  TRY_ASSIGN(const auto files, apps::read_report_files(arguments.all("--report"),
                                                       reports::kNamesFor<reports::StatsReport>));
  TRY_ASSIGN(auto options, apps::configured_audit(context));
  const bool page = apps::writes_page(context, files);
  if (!page) options.slo.reset();
  const auto unit = history::parse_calendar_unit(arguments.text("--by"));
  TRY_ASSIGN(auto command, read_command(context, arguments, std::move(options),
                                        unit.value_or(history::CalendarUnit::day), page));
  auto bounds = calendar_bounds(command.question.window, command.report.unit, command.report.zone);
  if (!bounds) return wrong_option("--by", bounds.error().message);
  command.question.periods = *std::move(bounds);
  TRY_ASSIGN(const auto report, apps::read_window(context, command));
  if (!report.audit.informed) context.warn("no record and no evaluation in the window");
  TRY(publish(context, files, report));
  return report.audit.informed && report.complete() ? cli::kYes : cli::kCouldNotTell;
}

}  // namespace rz
