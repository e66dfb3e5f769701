#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rz/bench/compare.h"
#include "rz/bench/counter.h"
#include "rz/bench/machine.h"
#include "rz/bench/run_benchmarks.h"
#include "rz/bench/saved_run.h"
#include "rz/cli/interrupt.h"
#include "rz/cli/program.h"
#include "rz/cli/progress.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"

namespace rz::apps {

/// What a command was asked to measure with, all of it read and checked before anything is
/// measured.
struct BenchPlan {
  int rounds = 0;
  Millis min_time{0};
  Millis patience{0};
  std::string counter = "time";
  std::unique_ptr<bench::Counter> reader{};  ///< Of that counter; null: the clock, or valgrind.
  bool by_valgrind = false;  ///< Instructions are counted, and not by the processor.
  std::string save{};
  std::optional<bench::BenchRun> baseline{};
  bench::Limits limits{};
};

/// The plan of a command that has the options of kBenchOptions. `rounds` is the preset.
/// Errors: as the files' readers, invalid_argument.
Result<BenchPlan> read_bench_plan(cli::Context& context, const cli::Arguments& arguments);

/// The limits of the configuration, or of the flags.
/// Errors: invalid_argument.
Result<bench::Limits> read_bench_limits(cli::Context& context, const cli::Arguments& arguments);

/// Whether `path` can be written, as far as that can be told before there is something to write.
/// Errors: as write_file, naming --save.
Result<void> check_save(const std::string& path);

/// A run of benchmarks from its first sample to its report. The first signal ends it after the
/// round that is under way, or with the program that is measured, so that what was measured is
/// printed and what was made is removed; a second one ends the program.
class BenchSession {
 public:
  BenchSession(cli::Context& context, BenchPlan plan);

  const BenchPlan& plan() const { return plan_; }
  bool interrupted() const { return interrupt_.asked(); }

  /// Shows how far it is, and tells whether to stop.
  bool show(const bench::RunProgress& progress);

  /// Where the benchmarks may be measured.
  enum class Where {
    this_process,  ///< They note something in this process.
    processes,     ///< Anywhere: a run that is kept is shared out among several processes.
  };

  /// Measures, and with them the machine itself, if that is of use to a later comparison.
  std::vector<bench::Measurement> measure(std::vector<bench::Benchmark> benchmarks,
                                          bench::BenchOptions options, Where where);

  /// A measurement whose samples `take` gives, one for each of `rounds`.
  bench::Measurement collect(const bench::RunProgress& progress, std::string_view unit,
                             const std::function<Result<double>()>& take);

  /// Saves and prints the report, tells what makes it doubtful, and returns the exit code.
  /// `against`: what was measured in turn, in place of a baseline.
  Result<int> end(std::vector<bench::Measurement> measurements,
                  const std::optional<bench::Measurement>& against = std::nullopt,
                  bool all_of_baseline = true);

 private:
  bench::BenchRun finished_run(std::vector<bench::Measurement> measurements) const;
  void tell_doubts(const bench::BenchRun& run) const;

  cli::Context& context_;
  BenchPlan plan_;
  cli::Interrupt interrupt_;
  cli::Progress progress_;
  bench::MachineWatch watch_;
  TimePoint begin_;
};

/// GitHub shows what is appended to the file GITHUB_STEP_SUMMARY on the page of the run. Nothing
/// happens where there is none.
void append_step_summary(const cli::Context& context, const std::string& title,
                         const std::string& markdown);

/// The same of a report, where the format is GitHub's.
template <class Report>
void summarize_step(const cli::Context& context, const Report& report, const std::string& title) {
  if (context.options().format != reports::Github::kName) return;
  reports::StringPage page;
  reports::Markdown::write(report, page);
  append_step_summary(context, title, page.text());
}

/// Prints a run beside its baseline, if there is one, and returns the exit code: 1 if something is
/// slower by more than the limit.
int report_run(cli::Context& context, const reports::BenchReport& report, bool all_of_baseline);

}  // namespace rz::apps
