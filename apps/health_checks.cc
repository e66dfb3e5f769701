#include "health_checks.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report_files.h"
#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/cli/interrupt.h"
#include "rz/cli/option_values.h"
#include "rz/cli/screen.h"
#include "rz/fallback/identity.h"
#include "rz/health/judging/run_verdict.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/runtime/check_run.h"
#include "rz/runtime/check_wait.h"

namespace rz {
namespace {

// What --watch can write again and again to one stream: the others are documents of which a file
// has one.
constexpr std::string_view kStreamed[] = {"text", "json", "health+json"};
constexpr std::size_t kMaxWaitedFor = 400;

/// What was asked for.
struct CheckQuestion {
  runtime::CheckSelection selection{};
  std::optional<Millis> timeout{}, wait{}, watch{};
  std::vector<apps::ReportFile> files{};
  HealthStatus fail_on = HealthStatus::degraded;
  bool only_failed = false;
};

Result<CheckQuestion> read_question(const cli::Context& context, const cli::Arguments& arguments) {
  CheckQuestion question{
      .selection = {arguments.operands("NAME"), arguments.all("--only"), arguments.all("--skip")}};
  for (const auto& [name, option] :
       {std::pair{"--timeout", &question.timeout}, std::pair{"--wait", &question.wait},
        std::pair{"--watch", &question.watch}}) {
    auto span = cli::read_span(arguments, name);
    if (!span) return fail(std::move(span).error());
    *option = *span;
  }
  if (question.wait && question.watch) {
    return fail(ErrorCode::invalid_argument,
                "--wait ends once all is well, and --watch never does; use one of them");
  }
  const std::string& format = context.options().format;
  const bool streamed =
      std::find(std::begin(kStreamed), std::end(kStreamed), format) != std::end(kStreamed);
  if (question.watch && !streamed) {
    return fail(ErrorCode::invalid_argument,
                "cannot be written again and again to one stream; use text, json or health+json, "
                "or a file that is replaced each time: --report " +
                    format + "=FILE",
                "--format " + format);
  }
  auto files =
      apps::read_report_files(arguments.all("--report"), reports::kNamesFor<reports::HealthReport>);
  if (!files) return fail(std::move(files).error());
  question.files = *std::move(files);
  const auto fail_on = parse_health_status(arguments.text("--fail-on"));
  question.fail_on = fail_on.value_or(HealthStatus::degraded);
  question.only_failed = arguments.has("--only-failed");
  return question;
}

int exit_code(health::Verdict verdict) {
  switch (verdict) {
    case health::Verdict::yes: return cli::kYes;
    case health::Verdict::no: return cli::kNo;
    case health::Verdict::no_badly: return cli::kNoBadly;
    case health::Verdict::could_not_tell: break;
  }
  return cli::kCouldNotTell;
}

/// A page of the terminal that is not written yet.
class ScreenPage final : public reports::Page {
 public:
  explicit ScreenPage(const reports::Page& like) : color_(like.color()), width_(like.width()) {}

  void raw(std::string_view bytes) override { text_.append(bytes); }
  bool color() const override { return color_; }
  bool terminal() const override { return true; }
  int width() const override { return width_; }
  const std::string& text() const { return text_; }

 private:
  bool color_;
  int width_;
  std::string text_;
};

/// Tells a person what --wait waits for: at a terminal on the line of progress, and elsewhere with
/// a line whenever something has become good or bad.
class WaitNews {
 public:
  explicit WaitNews(const cli::Context& context)
      : context_(context), waiting_("the checks", context.options().quiet) {}

  void tell(const CheckReport& report, HealthStatus fail_on) {
    std::string statuses;
    std::string causes;
    for (std::size_t i = 0; i < report.results.size(); ++i) {
      if (!health::is_bad(report, i, fail_on)) continue;
      const reports::ReportLine line{.result = report.results[i]};
      const std::string name = printable(line.result.name);
      statuses += name + " " + to_string(line.result.status) + "\n";
      causes += (causes.empty() ? "" : "; ") + name + ": " + printable(line.text());
    }
    if (!report.void_because.empty()) causes = printable(report.void_because);
    if (causes.empty()) causes = "a check that counts";
    waiting_.change(causes);
    const bool is_news = std::exchange(told_, statuses) != statuses;
    if (is_news && !waiting_.is_shown()) {
      context_.inform("waiting for " + ellipsize(causes, kMaxWaitedFor));
    }
  }

 private:
  const cli::Context& context_;
  cli::Waiting waiting_;
  std::string told_ = "nothing yet";
};

/// The checks, and how their reports get to whoever asked.
class CheckCommand {
 public:
  CheckCommand(cli::Context& context, CheckQuestion question)
      : context_(context), question_(std::move(question)) {}

  Result<int> answer() {
    auto sink = context_.runtime().sinks();
    if (!sink) return fail(std::move(sink).error());
    sink_ = *std::move(sink);
    if (question_.wait || question_.watch) context_.runtime().reopen_store_later();
    auto checks = runtime::SelectedChecks::make(context_.runtime(), question_.selection,
                                                question_.timeout, sink_.get());
    if (!checks) return fail(std::move(checks).error());
    checks_.emplace(*std::move(checks));
    const auto config = context_.runtime().config();
    if (!config) return fail(config.error());
    config_path_ = (*config)->path;
    run_timeout_ = question_.timeout.value_or((*config)->health.timeout);
    const cli::Interrupt interrupt;
    interrupt_ = &interrupt;
    auto code = question_.watch ? watch() : question_.wait ? wait() : once();
    if (interrupt.asked()) context_.interrupted = interrupt.exit_code();
    return code;
  }

 private:
  std::function<bool()> stop() const {
    return [interrupt = interrupt_] { return interrupt->asked(); };
  }

  Result<int> once() {
    const auto found = context_.while_waiting_for("the checks", [&] {
      return checks_->run({run_timeout_, stop()});
    });
    if (!found) return fail(found.error());
    return conclude(document_of(*found));
  }

  Result<int> wait() {
    std::optional<WaitNews> news;
    news.emplace(context_);
    const auto found = runtime::wait_for_checks(
        [&](const RunBounds& bounds) { return checks_->run(bounds); },
        {.within = *question_.wait,
         .run_timeout = run_timeout_,
         .is_good =
             [&](const runtime::CheckRun& run) {
               return verdict_of(document_of(run)) == health::Verdict::yes;
             },
         .tell =
             [&](const runtime::CheckRun& run) {
               news->tell(document_of(run).with_components(), question_.fail_on);
             },
         .stop = stop()},
        context_.runtime().clock());
    news.reset();
    if (!found) return fail(found.error());
    return conclude(document_of(*found));
  }

  // Reports a whole run in every way. One that was interrupted is shown, and goes nowhere else: in
  // a file or in a graph it would look like an outage.
  Result<int> conclude(const reports::HealthReport& document) {
    context_.print(document);
    if (document.run.stopped) return cli::kCouldNotTell;
    const auto written = apps::write_report_files(question_.files, document);
    context_.deliver(*sink_);
    // The answer has been given, but whoever reads the file would take the one before for today's.
    if (!written) return fail(written.error());
    return exit_code(verdict_of(document));
  }

  Result<int> watch() {
    Clock& clock = context_.runtime().clock();
    const bool redraws = context_.out().terminal() && context_.options().format == "text";
    std::optional<cli::Screen> screen;
    if (redraws) screen.emplace(STDOUT_FILENO);
    std::optional<reports::HealthReport> last;
    Result<void> shown;
    // Asked some times a second: also when to draw again what was there before a Ctrl-Z.
    const auto stops = [&] {
      if (screen && last && screen->take_resumed()) shown = draw(*last, *screen);
      return interrupt_->asked() || !shown;
    };
    while (!stops()) {
      const auto begin = clock.monotonic();
      const auto found = checks_->run({run_timeout_, stops});
      if (!found) return fail(found.error());
      // Half a run says less than the whole one before it.
      if (found->report.stopped && last) break;
      last = document_of(*found);
      shown = screen ? draw(*last, *screen) : append(*last);
      if (last->run.stopped) break;
      if (auto written = apps::write_report_files(question_.files, *last); !written) {
        context_.warn(to_string(written.error()));
      }
      context_.deliver(*sink_);
      const auto took = std::chrono::floor<Micros>(clock.monotonic() - begin);
      runtime::sleep_unless(stops, *question_.watch - took, clock);
    }
    screen.reset();
    if (!shown && context_.out().closed_pipe()) return cli::kCouldNotTell;
    if (!shown) return fail(shown.error());
    // On its own screen it is gone by now.
    if (redraws && last) context_.print(*last);
    return last ? exit_code(verdict_of(*last)) : cli::kCouldNotTell;
  }

  Result<void> draw(const reports::HealthReport& document, cli::Screen& screen) {
    ScreenPage page(context_.out());
    page.line("Every ", format_duration(*question_.watch), ": ", format_timestamp(document.now));
    page.line("");
    reports::write(document, context_.options().format, page);
    return screen.draw(page.text());
  }

  // Behind the report before. JSON is a line each, so that a program can read them as they come.
  Result<void> append(const reports::HealthReport& document) {
    if (context_.options().format == "text") {
      if (context_.out().used()) context_.out().line("");
      context_.out().line(format_timestamp(document.now));
    }
    context_.print(document);
    return context_.out().flush();
  }

  health::Verdict verdict_of(const reports::HealthReport& document) const {
    return health::verdict_of(document.with_components(), question_.fail_on);
  }

  reports::HealthReport document_of(const runtime::CheckRun& found) {
    return {.run = found.report,
            .unchecked = found.unchecked,
            .unchecked_error = found.unchecked_error,
            .now = context_.runtime().clock().now(),
            .only_failed = question_.only_failed,
            .host = fallback::host_name(),
            .config_path = config_path_,
            .tells_places = context_.options().verbose > 0};
  }

  cli::Context& context_;
  CheckQuestion question_;
  std::unique_ptr<MetricsSink> sink_;
  std::optional<runtime::SelectedChecks> checks_;
  std::string config_path_;
  Millis run_timeout_{0};
  const cli::Interrupt* interrupt_ = nullptr;
};

}  // namespace

Result<int> run_health_checks(cli::Context& context, const cli::Arguments& arguments) {
  auto question = read_question(context, arguments);
  if (!question) return fail(std::move(question).error());
  return CheckCommand(context, *std::move(question)).answer();
}

}  // namespace rz
