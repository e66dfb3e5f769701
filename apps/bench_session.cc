#include "bench_session.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "rz/base/duration.h"
#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/process.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/machine_probe.h"
#include "rz/bench/reference.h"
#include "rz/bench/run_in_processes.h"
#include "rz/bench/statistics/summary.h"
#include "rz/cli/option_values.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"

namespace rz::apps {
namespace {

constexpr int kInstructionRounds = 3;
constexpr Millis kPatience{10'000};
constexpr std::size_t kNamesTold = 5;

Result<std::optional<double>> read_percent(const cli::Arguments& arguments,
                                           const std::string& option) {
  if (!arguments.has(option)) return std::optional<double>();
  const auto percent = parse_percent(arguments.text(option));
  if (!percent) return fail(ErrorCode::invalid_argument, percent.error().message, option);
  return std::optional<double>(*percent);
}

/// As the baseline was counted; without one by the processor, if it may.
Result<void> open_counter(cli::Context& context, BenchPlan& plan) {
  if (plan.counter == "cpu") plan.reader = bench::cpu_counter();
  if (plan.counter != "instructions") return {};
  const std::string before = plan.baseline ? plan.baseline->counted_by : "";
  plan.by_valgrind = before == bench::kByValgrind;
  if (plan.by_valgrind) return {};
  auto reader = bench::instruction_counter();
  if (reader) {
    plan.reader = *std::move(reader);
    return {};
  }
  if (before == bench::kByProcessor) {
    return fail(reader.error().code,
                "its instructions were counted by the processor, which cannot count here (" +
                    reader.error().message + "); make a baseline on this machine",
                plan.baseline->name);
  }
  plan.by_valgrind = true;
  context.note(reader.error().message + "; valgrind counts them");
  return {};
}

/// The commit of the working folder, so that a saved run tells what it is of; empty: there is none.
std::string current_commit() {
  if (const char* commit = std::getenv("GITHUB_SHA")) return commit;
  const auto git = run_process({.argv = {"git", "rev-parse", "HEAD"}, .timeout = Millis{2'000}});
  if (!git || git->exit_code != 0) return "";
  return std::string(trim(git->output));
}

// A line break in a name must not look like a second message.
std::string some_of(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamesTold);
  std::string text = printable(join(std::span(names).first(shown), ", "));
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

// A few outliers are any machine's daily life; from a tenth on the figures are in doubt.
void warn_of_outliers(const cli::Context& context, const bench::BenchRun& run) {
  std::vector<std::string> noisy;
  for (const bench::Measurement& m : run.measurements) {
    const bench::Summary s = bench::summarize(m.samples);
    if (s.outliers * 10 < s.samples || s.outliers == 0) continue;
    noisy.push_back(
        fmt::format("{} ({} of {}, {} severe)", m.name, s.outliers, s.samples, s.severe_outliers));
  }
  if (noisy.empty()) return;
  context.warn("many outliers: " + some_of(noisy) +
               "; the machine was busy: trust the median and the least, or measure more with "
               "--rounds");
}

void warn_of_machine(const cli::Context& context, const bench::Comparison& comparison) {
  std::vector<std::string> differences;
  for (const bench::MachineDifference& one : comparison.differences) {
    differences.push_back(printable(one.what + ": " + one.before + " then, " + one.now + " now"));
  }
  if (comparison.other_machine) {
    context.warn(
        "the baseline was measured on another machine, so that nothing can be told from "
        "times (" +
        join(differences, "; ") + ")");
  } else if (!differences.empty()) {
    context.warn("the baseline was measured under other conditions (" + join(differences, "; ") +
                 ")");
  }
  if (comparison.unknown_machine) {
    context.warn(
        "the baseline does not tell how fast its machine was, so that what is slower may be the "
        "machine: a baseline of rz bench --save tells the two apart");
  }
  for (const bench::MachineDrift& drift : comparison.drifts) {
    if (!drift.is_much()) continue;
    context.warn("the machine itself is " + std::string(drift.ratio > 1 ? "slower" : "faster") +
                 " than for the baseline: " + printable(drift.name) + " " +
                 reports::signed_percent(drift.ratio) + "; as much is taken off every difference");
  }
}

void warn_of_comparison(const cli::Context& context, const bench::Comparison& comparison,
                        bool all_of_baseline) {
  warn_of_machine(context, comparison);
  const std::size_t open = comparison.count(bench::Verdict::inconclusive);
  if (open > 0 && !comparison.other_machine) {
    context.warn(fmt::format("of {} of {} benchmarks it cannot be told whether they changed", open,
                             comparison.changes.size()));
  }
  if (!comparison.only_now.empty()) {
    context.inform("not in the baseline: " + some_of(comparison.only_now));
  }
  if (all_of_baseline && !comparison.only_before.empty()) {
    context.warn("in the baseline alone: " + some_of(comparison.only_before));
  }
}

/// What failed of the measuring.
std::optional<Error> failure_of(const bench::BenchRun& run) {
  std::vector<std::string> failures;
  for (const bench::Measurement& m : run.measurements) {
    if (m.error) failures.push_back(printable(m.name + ": " + to_string(*m.error)));
  }
  if (failures.empty()) return std::nullopt;
  return Error{ErrorCode::unavailable, join(failures, "\n"), ""};
}

}  // namespace

void append_step_summary(const cli::Context& context, const std::string& title,
                         const std::string& markdown) {
  const char* path = std::getenv("GITHUB_STEP_SUMMARY");
  if (path == nullptr || *path == '\0') return;
  const UniqueFd fd(::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  const auto written = fd ? write_all(fd.get(), "### " + title + "\n\n" + markdown)
                          : Result<void>(fail(ErrorCode::unavailable, errno_text(errno)));
  if (!written) {
    context.warn("GITHUB_STEP_SUMMARY: " + printable(path) + ": " + written.error().message);
  }
}

Result<bench::Limits> read_bench_limits(cli::Context& context, const cli::Arguments& arguments) {
  const auto config = context.runtime().config();
  if (!config) return fail(config.error());
  bench::Limits limits = (*config)->bench;
  TRY_ASSIGN(const auto warn, read_percent(arguments, "--warn-above"));
  TRY_ASSIGN(const auto failure, read_percent(arguments, "--fail-above"));
  if (warn && failure && *warn > *failure) {
    return fail(ErrorCode::invalid_argument, "is greater than --fail-above", "--warn-above");
  }
  // The one that is given moves the other.
  if (warn) limits = {*warn, std::max(*warn, limits.fail_above)};
  if (failure) limits = {std::min(limits.warn_above, *failure), *failure};
  return limits;
}

Result<void> check_save(const std::string& path) {
  std::error_code error;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, error)) {
    return fail(ErrorCode::not_found, "no such folder: " + printable(folder.string()), "--save");
  }
  if (std::filesystem::is_directory(path, error)) {
    return fail(ErrorCode::invalid_argument, "is a folder: " + printable(path), "--save");
  }
  // A new file beside it goes again at once: nothing that ends this process could leave it behind.
  // To open anything else, as a pipe, may do something.
  if (kind_of_file(path) == FileKind::other) return {};
  const auto begun = FileReplacement::begin(path);
  if (begun) return {};
  return fail(begun.error().code, printable(to_string(begun.error())), "--save");
}

Result<BenchPlan> read_bench_plan(cli::Context& context, const cli::Arguments& arguments) {
  BenchPlan plan;
  plan.counter = arguments.text("--counter");
  plan.save = arguments.text("--save");
  const bool counts = plan.counter == "instructions";
  plan.rounds =
      static_cast<int>(arguments.number("--rounds").value_or(counts ? kInstructionRounds : 0));
  TRY_ASSIGN(const auto min_time, cli::read_span(arguments, "--min-time"));
  plan.min_time = min_time.value_or(Millis{0});
  TRY_ASSIGN(const auto patience, cli::read_span(arguments, "--patience", cli::Zero::allowed));
  plan.patience = patience.value_or(kPatience);
  TRY_ASSIGN(plan.limits, read_bench_limits(context, arguments));
  if (!plan.save.empty()) TRY(check_save(plan.save));
  if (arguments.has("--compare")) {
    TRY_ASSIGN(plan.baseline, bench::read_run(arguments.text("--compare")));
  }
  TRY(open_counter(context, plan));
  return plan;
}

BenchSession::BenchSession(cli::Context& context, BenchPlan plan)
    : context_(context),
      plan_(std::move(plan)),
      progress_(context.options().quiet),
      begin_(SystemClock::instance().now()) {}

bool BenchSession::show(const bench::RunProgress& progress) {
  if (progress_.due()) {
    const std::string where =
        progress.name.empty() ? ""
        : progress.round == 0
            ? fmt::format("preparing {} of {}", progress.index + 1, progress.count)
            : fmt::format("round {} of {}", progress.round,
                          std::max(progress.round, progress.rounds));
    progress_.show(fmt::format("{} {} {} s; Ctrl-C prints what there is", where, progress.name,
                               static_cast<int>(progress_.elapsed().count())));
  }
  return interrupt_.asked();
}

std::vector<bench::Measurement> BenchSession::measure(std::vector<bench::Benchmark> benchmarks,
                                                      bench::BenchOptions options, Where where) {
  const bool kept = plan_.baseline || !plan_.save.empty();
  if (kept && plan_.counter != "instructions") {
    for (bench::Benchmark& one : bench::reference_benchmarks()) {
      benchmarks.push_back(std::move(one));
    }
    options.probe = bench::probe_machine;
    options.interruptions = bench::interruptions;
    options.patience = plan_.patience;
    if (plan_.baseline) {
      options.known_best_probe = bench::best_probe(*plan_.baseline);
      options.batches = bench::batches_of(plan_.baseline->measurements);
    }
  }
  if (plan_.rounds > 0) options.rounds = plan_.rounds;
  if (plan_.min_time.count() > 0) options.min_time = plan_.min_time;
  options.counter = plan_.reader.get();
  options.stop = [this](const bench::RunProgress& progress) { return show(progress); };
  if (where == Where::this_process || !options.probe) {
    return bench::run_benchmarks(benchmarks, options, SystemClock::instance());
  }
  auto all =
      bench::run_in_processes(benchmarks, options, bench::kProcesses, SystemClock::instance());
  // The last of the processes may have left a line behind.
  if (progress_.due()) progress_.show("");
  return all;
}

bench::Measurement BenchSession::collect(const bench::RunProgress& progress, std::string_view unit,
                                         const std::function<Result<double>()>& take) {
  bench::Measurement measurement{.name = progress.name, .unit = std::string(unit), .iterations = 1};
  bench::RunProgress step = progress;
  for (step.round = 1; step.round <= step.rounds && !show(step); ++step.round) {
    auto sample = take();
    if (!sample) {
      measurement.error = std::move(sample).error();
      break;
    }
    measurement.samples.push_back(*sample);
  }
  return measurement;
}

bench::BenchRun BenchSession::finished_run(std::vector<bench::Measurement> measurements) const {
  bench::BenchRun run;
  run.timestamp = begin_;
  run.commit = current_commit();
  run.counter = plan_.counter;
  if (plan_.counter == "instructions") {
    run.counted_by = plan_.by_valgrind ? bench::kByValgrind : bench::kByProcessor;
  }
  run.machine = bench::machine_fingerprint();
  run.conditions = watch_.conditions();
  run.measurements = std::move(measurements);
  for (bench::Measurement& one : run.measurements) {
    // What the signal ended has no fault of its own.
    if (interrupt_.asked()) one.error.reset();
  }
  return run;
}

void BenchSession::tell_doubts(const bench::BenchRun& run) const {
  const auto is_measured = [](const bench::Measurement& one) { return !one.samples.empty(); };
  const auto& all = run.measurements;
  if (plan_.counter == "instructions" || std::none_of(all.begin(), all.end(), is_measured)) return;
  const std::vector<std::string> reasons = bench::unsteady_because(run.machine, run.conditions);
  if (!reasons.empty()) context_.warn("figures are unsteady: " + join(reasons, "; "));
  warn_of_outliers(context_, run);
}

Result<int> BenchSession::end(std::vector<bench::Measurement> measurements,
                              const std::optional<bench::Measurement>& against,
                              bool all_of_baseline) {
  progress_.clear();
  reports::BenchReport report{.run = finished_run(std::move(measurements))};
  bench::BenchRun& run = report.run;
  const bool interrupted = interrupt_.asked();
  std::optional<Error> failure = failure_of(run);
  const auto compare_with = [&](const bench::BenchRun& before) {
    auto compared = bench::compare(before, run, plan_.limits);
    if (compared) {
      report.comparison = *std::move(compared);
    } else if (!failure && !interrupted) {
      failure = std::move(compared).error();
    }
  };
  if (against && !interrupted) {
    bench::BenchRun before = run;
    before.measurements = {*against};
    before.measurements.front().name = run.measurements.front().name;
    before.name = against->name;
    compare_with(before);
    run.measurements.push_back(*against);
    if (auto of_both = failure_of(run)) failure = std::move(of_both);
  } else if (plan_.baseline) {
    compare_with(*plan_.baseline);
  }
  // Before it is printed, so that the document says whether it was kept.
  if (!failure && !interrupted && !plan_.save.empty()) {
    auto saved = write_file(plan_.save, to_json(bench::to_value(run)) + "\n");
    if (!saved) failure = std::move(saved).error();
  }
  report.error = failure;
  const int code = report_run(context_, report, all_of_baseline);
  tell_doubts(run);
  if (failure) return fail(*std::move(failure));
  if (!interrupted) return code;
  const auto has_figures = [](const bench::Measurement& one) { return !one.samples.empty(); };
  if (std::none_of(run.measurements.begin(), run.measurements.end(), has_figures)) {
    context_.warn("interrupted before anything was measured");
  }
  if (!plan_.save.empty()) context_.warn("not saved, since it was interrupted");
  return interrupt_.exit_code();
}

int report_run(cli::Context& context, const reports::BenchReport& report, bool all_of_baseline) {
  context.print(report);
  summarize_step(context, report, "rz bench");
  if (!report.comparison) return cli::kYes;
  warn_of_comparison(context, *report.comparison, all_of_baseline);
  return report.comparison->count(bench::Severity::failure) > 0 ? cli::kNo : cli::kYes;
}

}  // namespace rz::apps
