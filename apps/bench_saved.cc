#include "bench_saved.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench_session.h"
#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/json_members.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/history.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/saved_load.h"

namespace rz {

namespace {

constexpr std::uint64_t kMostSaved = 256 << 20;

/// A load that was kept is reported as it was; nothing of it is judged again.
Result<int> report_load(cli::Context& context, const cli::Arguments& arguments,
                        const Value& document, const std::string& where) {
  for (const char* option : {"--compare", "--warn-above", "--fail-above"}) {
    if (!arguments.has(option)) continue;
    return fail(ErrorCode::invalid_argument,
                "is for benchmarks, and this is a load of HTTP: " + printable(where), option);
  }
  TRY_ASSIGN(const reports::LoadReport report, reports::load_report_from(document, where));
  context.print(report);
  return cli::kYes;
}

}  // namespace

Result<int> report_saved_run(cli::Context& context, const cli::Arguments& arguments) {
  TRY_ASSIGN(const bench::Limits limits, apps::read_bench_limits(context, arguments));
  const std::string path = *arguments.operand("FILE");
  TRY_ASSIGN(const std::string text, read_file(path, kMostSaved));
  TRY_ASSIGN(const Value document, parse_json(text, input_name(path)));
  if (document.as_object() != nullptr && text_or(document, "schema") == reports::kSavedLoadSchema) {
    return report_load(context, arguments, document, input_name(path));
  }
  TRY_ASSIGN(bench::BenchRun run, bench::run_from(document, input_name(path)));
  reports::BenchReport report{.run = std::move(run)};
  if (arguments.has("--compare")) {
    TRY_ASSIGN(const bench::BenchRun before, bench::read_run(arguments.text("--compare")));
    TRY_ASSIGN(report.comparison, bench::compare(before, report.run, limits));
  }
  return apps::report_run(context, report, true);
}

Result<int> follow_saved_runs(cli::Context& context, const cli::Arguments& arguments) {
  std::vector<bench::BenchRun> runs;
  for (const std::string& file : arguments.operands("FILE")) {
    TRY_ASSIGN(bench::BenchRun run, bench::read_run(file));
    runs.push_back(std::move(run));
  }
  TRY_ASSIGN(bench::RunHistory history, bench::follow_runs(std::move(runs)));
  const reports::BenchHistory document{std::move(history)};
  // Before it is printed: if this fails, the answer is that.
  if (arguments.has("--save")) {
    const std::string text = to_json(bench::to_value(bench::with_noise(document.history)));
    TRY(write_file(arguments.text("--save"), text + "\n"));
  }
  context.print(document);
  for (const bench::MachineDifference& one : document.history.differences) {
    context.warn(printable("the runs are of different machines: " + one.what + " " + one.before +
                           " at first, " + one.now + " at last"));
  }
  return cli::kYes;
}

}  // namespace rz
