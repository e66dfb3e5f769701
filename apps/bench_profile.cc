#include "bench_profile.h"

#include <string>
#include <utility>
#include <vector>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/command_words.h"
#include "rz/cli/interrupt.h"
#include "rz/cli/option_values.h"
#include "rz/profile/folded.h"
#include "rz/profile/recorder.h"
#include "rz/reports/profile_report.h"

namespace rz {
namespace {

using profile::Profiler;
using reports::ProfileReport;

constexpr Millis kCpuTime{3'000};
// Each allocation is written down.
constexpr Millis kMemoryTime{200};
constexpr std::uint64_t kMostFolded = std::uint64_t{1} << 30;

bool is_of_memory(const cli::Arguments& arguments) { return arguments.text("--kind") == "memory"; }

/// The measure that `--show` names, which folded stacks alone do not tell.
profile::Measure shown_measure(const cli::Arguments& arguments) {
  if (!is_of_memory(arguments)) return {"samples", profile::Unit::count};
  const std::string name = arguments.has("--show") ? arguments.text("--show") : "peak";
  return {name, name == "allocations" ? profile::Unit::count : profile::Unit::bytes};
}

Result<profile::Profile> read_profile(const std::string& path, const profile::Measure& measure) {
  TRY_ASSIGN(const std::string text, read_file(path, kMostFolded));
  return profile::read_folded(text, measure, input_name(path));
}

Result<ProfileReport> read_report(const cli::Arguments& arguments) {
  if (!arguments.operands("PROGRAM").empty()) {
    return fail(ErrorCode::invalid_argument, "a program is named, too", "--read");
  }
  const std::string path = arguments.text("--read");
  TRY_ASSIGN(profile::Profile read, read_profile(path, shown_measure(arguments)));
  return ProfileReport{.program = input_name(path), .profile = std::move(read)};
}

// For how long one of rz's own benchmarks is to run.
Result<Millis> profiled_time(const cli::Arguments& arguments) {
  TRY_ASSIGN(const auto time, cli::read_span(arguments, "--min-time"));
  return time.value_or(is_of_memory(arguments) ? kMemoryTime : kCpuTime);
}

Result<bench::ProgramOptions> read_program(const cli::Arguments& arguments,
                                           const FindBenchmark& find_benchmark) {
  const std::vector<std::string> words = arguments.operands("PROGRAM");
  TRY_ASSIGN(const Millis time, profiled_time(arguments));
  bench::ProgramOptions program;
  if (words.size() == 1) {
    TRY_ASSIGN(auto own, find_benchmark(words.front(), time));
    if (own) program = *std::move(own);
  }
  if (program.argv.empty()) program.argv = words;
  if (program.argv.empty() || program.argv.front().empty()) {
    return fail(ErrorCode::invalid_argument,
                "name a benchmark or a program, as in: rz bench profile -- gzip -k file");
  }
  if (program.name.empty()) program.name = bench::join_command(program.argv);
  program.called = printable(program.name);
  program.input = arguments.text("--input");
  program.show_output = arguments.has("--show-output");
  TRY_ASSIGN(program.timeout, cli::read_span(arguments, "--timeout"));
  return program;
}

Result<Profiler> choose_profiler(const cli::Arguments& arguments, const std::string& program,
                                 const std::vector<std::string>& folders) {
  if (is_of_memory(arguments)) {
    if (!arguments.has("--with")) return Profiler::heaptrack;
    return fail(ErrorCode::invalid_argument, "has no choice for memory", "--with");
  }
  if (!arguments.has("--with")) return profile::choose_cpu_profiler(program, folders);
  return arguments.text("--with") == "perf" ? Profiler::perf : Profiler::gperftools;
}

std::size_t shown_index(const profile::Profile& profile, const std::string& name) {
  for (std::size_t i = 0; i < profile.measures().size(); ++i) {
    if (profile.measures()[i].name == name) return i;
  }
  return 0;
}

Result<ProfileReport> record_report(const cli::Arguments& arguments,
                                    const cli::Interrupt& interrupt,
                                    const FindBenchmark& find_benchmark) {
  TRY_ASSIGN(bench::ProgramOptions program, read_program(arguments, find_benchmark));
  program.stop = [&interrupt] { return interrupt.asked(); };
  const auto folders = profile::library_folders();
  TRY_ASSIGN(const Profiler by, choose_profiler(arguments, program.argv.front(), folders));
  TRY_ASSIGN(profile::Recording recording, profile::record(program, by, folders));
  ProfileReport report{.program = program.name,
                       .by = to_string(recording.by),
                       .profile = std::move(recording.profile),
                       .exit_code = recording.exit_code,
                       .is_cut = !recording.exit_code,
                       .heap = recording.heap};
  report.shown = shown_index(report.profile, arguments.text("--show"));
  return report;
}

}  // namespace

Result<int> profile_program(cli::Context& context, const cli::Arguments& arguments,
                            const FindBenchmark& find_benchmark) {
  if (arguments.has("--show") && !is_of_memory(arguments)) {
    return fail(ErrorCode::invalid_argument, "is for --kind memory", "--show");
  }
  // Read before the program runs, which may take long.
  std::optional<profile::Profile> before;
  if (arguments.has("--diff")) {
    TRY_ASSIGN(before, read_profile(arguments.text("--diff"), shown_measure(arguments)));
  }
  const cli::Interrupt interrupt;
  auto report = arguments.has("--read") ? read_report(arguments)
                                        : record_report(arguments, interrupt, find_benchmark);
  if (!report && interrupt.asked()) return interrupt.exit_code();
  if (!report) return fail(report.error());
  report->before = std::move(before);
  report->before_name = input_name(arguments.text("--diff"));
  context.print(*report);
  if (interrupt.asked()) return interrupt.exit_code();
  if (report->is_cut) context.warn("the program was ended before its end; this is until then");
  if (report->exit_code.value_or(0) != 0) {
    context.inform("the program ended with exit code " + std::to_string(*report->exit_code));
  }
  return cli::kYes;
}

}  // namespace rz
