#include "bench_run.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench_session.h"
#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/command_words.h"
#include "rz/bench/machine_probe.h"
#include "rz/bench/program_benchmark.h"
#include "rz/bench/valgrind.h"
#include "rz/cli/option_values.h"

namespace rz {
namespace {

constexpr int kProgramRounds = 10;
constexpr Millis kProgramTime{3'000};
// Programs of a millisecond then have some samples in each round.
constexpr Millis kProgramRound{30};

/// A program that is measured.
struct MeasuredProgram {
  bench::ProgramOptions options;
  std::shared_ptr<bench::ProgramUses> uses = std::make_shared<bench::ProgramUses>();
};

Result<std::vector<std::string>> words_of(const cli::Arguments& arguments,
                                          const std::string& option) {
  if (!arguments.has(option)) return std::vector<std::string>();
  auto words = bench::split_command(arguments.text(option));
  if (!words) return fail(words.error().code, words.error().message, option);
  return words;
}

/// Each run reads it from its beginning, which a pipe does not have; opening one waits for its
/// writer, for ever if there is none.
Result<void> check_input(const std::string& path) {
  struct stat status {};
  const bool there = ::stat(path.c_str(), &status) == 0;
  if (there && !S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) {
    return fail(ErrorCode::invalid_argument,
                "is no file that each run could read from its beginning: " + printable(path),
                "--input");
  }
  if (there && ::access(path.c_str(), R_OK) == 0) return {};
  const int error = errno;
  return fail(ErrorCode::not_found, "cannot be read: " + printable(path) + ": " + errno_text(error),
              "--input");
}

/// The same program for each value, which takes the place of `{NAME}` in its words.
Result<std::vector<MeasuredProgram>> varied(const MeasuredProgram& program,
                                            const std::string& text) {
  auto choices = bench::parse_choices(text);
  if (!choices) return fail(choices.error().code, choices.error().message, "--vary");
  std::vector<MeasuredProgram> programs;
  for (const std::string& value : choices->values) {
    MeasuredProgram one{program.options};
    for (std::vector<std::string>* words : {&one.options.argv, &one.options.prepare}) {
      bench::insert_choice(*words, choices->name, value);
    }
    one.options.name = bench::join_command(one.options.argv);
    if (!programs.empty() && programs.back().options.name == one.options.name) {
      return fail(ErrorCode::invalid_argument,
                  "the program has no {" + printable(choices->name) + "} among its words",
                  "--vary");
    }
    programs.push_back(std::move(one));
  }
  return programs;
}

/// The program, and the one that it is measured against, if there is one.
Result<std::vector<MeasuredProgram>> read_programs(const cli::Arguments& arguments) {
  MeasuredProgram program;
  program.options.argv = arguments.operands("PROGRAM");
  if (program.options.argv.empty() || program.options.argv.front().empty()) {
    return fail(ErrorCode::invalid_argument,
                "name a program to measure, as in: rz bench run -- gzip -k file");
  }
  TRY_ASSIGN(program.options.prepare, words_of(arguments, "--prepare"));
  program.options.input = arguments.text("--input");
  TRY(check_input(program.options.input));
  program.options.show_output = arguments.has("--show-output");
  program.options.any_exit_code = arguments.has("--ignore-failure");
  program.options.advice =
      "see why with --show-output, or measure it all the same with --ignore-failure";
  TRY_ASSIGN(program.options.timeout, cli::read_span(arguments, "--timeout"));
  program.options.name = arguments.has("--name") ? arguments.text("--name")
                                                 : bench::join_command(program.options.argv);
  std::vector<MeasuredProgram> programs = {program};
  if (arguments.has("--vary")) return varied(program, arguments.text("--vary"));
  TRY_ASSIGN(const auto against, words_of(arguments, "--against"));
  if (against.empty()) return programs;
  programs.push_back({program.options});
  programs.back().options.argv = against;
  programs.back().options.name = bench::join_command(against);
  if (programs.back().options.name == programs.front().options.name) {
    programs.back().options.name += " (against)";
  }
  return programs;
}

/// The first signal ends the program: it may run for hours.
bench::ProgramOptions stoppable(const apps::BenchSession& session, const MeasuredProgram& program) {
  bench::ProgramOptions options = program.options;
  options.stop = [&session] { return session.interrupted(); };
  return options;
}

std::vector<bench::Measurement> measure(apps::BenchSession& session,
                                        const std::vector<MeasuredProgram>& programs,
                                        const cli::Arguments& arguments) {
  std::vector<bench::Benchmark> benchmarks;
  for (const MeasuredProgram& program : programs) {
    benchmarks.push_back(bench::program_benchmark(stoppable(session, program), program.uses));
  }
  bench::BenchOptions options;
  options.rounds = kProgramRounds;
  options.min_time = kProgramTime;
  if (const auto warm_up = arguments.number("--warm-up")) {
    options.warm_up_runs = static_cast<std::uint64_t>(*warm_up);
  }
  options.round_time = kProgramRound;
  // So many rounds as were asked for, however long they take: whoever waits can press Ctrl-C.
  options.time_limit = std::chrono::nanoseconds::max();
  // Of two programs rounds are compared, so that those count in which the machine was undisturbed.
  if (programs.size() > 1 && session.plan().counter != "instructions")
    options.probe = bench::probe_machine;
  auto measurements =
      session.measure(std::move(benchmarks), options, apps::BenchSession::Where::this_process);
  for (std::size_t i = 0; i < programs.size(); ++i) {
    if (measurements[i].samples.empty()) continue;
    measurements[i].use = programs[i].uses->summary(measurements[i].samples.size());
  }
  return measurements;
}

std::vector<bench::Measurement> count(apps::BenchSession& session,
                                      const std::vector<MeasuredProgram>& programs) {
  std::vector<bench::Measurement> measurements;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const bench::ProgramOptions options = stoppable(session, programs[i]);
    const bench::RunProgress progress{options.name, 0, session.plan().rounds, i, programs.size()};
    measurements.push_back(session.collect(progress, bench::kInstructions,
                                           [&] { return bench::count_under_valgrind(options); }));
  }
  return measurements;
}

}  // namespace

Result<int> measure_programs(cli::Context& context, const cli::Arguments& arguments) {
  TRY_ASSIGN(const std::vector<MeasuredProgram> programs, read_programs(arguments));
  TRY_ASSIGN(apps::BenchPlan plan, apps::read_bench_plan(context, arguments));
  const bool by_valgrind = plan.by_valgrind;
  apps::BenchSession session(context, std::move(plan));
  auto measurements =
      by_valgrind ? count(session, programs) : measure(session, programs, arguments);
  std::optional<bench::Measurement> against;
  if (arguments.has("--against") && !session.interrupted()) {
    against = std::move(measurements[1]);
    measurements.erase(measurements.begin() + 1);
  }
  auto code = session.end(std::move(measurements), against);
  // Of two programs one is slower, which nobody asked to be a failure unless a limit was named.
  if (code && *code == cli::kNo && against && !arguments.has("--fail-above")) return cli::kYes;
  return code;
}

}  // namespace rz
