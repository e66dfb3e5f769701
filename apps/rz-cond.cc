#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cond_filter.h"
#include "cond_input.h"

#include "programs.h"
#include "rz/base/text.h"
#include "rz/cli/program.h"
#include "rz/cond/condition.h"
#include "rz/cond/condition_file.h"
#include "rz/reports/cond_reports.h"
#include "rz/reports/formats.h"

namespace {

using namespace rz;

// ---- eval and explain

struct Evaluation {
  std::string expression;
  bool missing_is_false;
  Condition condition;
  ConditionContext values;
};

Result<Evaluation> read_evaluation(cli::Context& context, const cli::Arguments& arguments) {
  const auto options = cond_input::read_language(context, arguments);
  if (!options) return fail(options.error());
  if (arguments.has("--expr-file") && arguments.operand("EXPR")) {
    return fail(ErrorCode::invalid_argument, "give either EXPR or --expr-file FILE");
  }
  auto question = cond_input::read_question(arguments, *options);
  if (!question) return fail(std::move(question).error());
  auto values = cond_input::read_values(arguments, *options, question->condition);
  if (!values) return fail(std::move(values).error());
  return Evaluation{std::move(question->expression), cond_input::missing_is_false(arguments),
                    std::move(question->condition), std::move(*values)};
}

Result<int> answer(cli::Context& context, const Evaluation& question) {
  auto result = question.condition.evaluate(question.values);
  const bool missing = !result && result.error().code == ErrorCode::not_found;
  if (missing && question.missing_is_false) result = false;
  if (!result) return fail(result.error());
  context.print(reports::CondAnswer{question.expression, *result});
  return *result ? cli::kYes : cli::kNo;
}

Result<int> explain(cli::Context& context, const Evaluation& question) {
  Explanation explanation = explain(question.condition, question.values);
  if (question.missing_is_false) explanation = with_missing_as_false(std::move(explanation));
  context.print(reports::CondExplanation{question.expression, explanation});
  if (explanation.error) return fail(*explanation.error);
  return explanation.root.answer ? cli::kYes : cli::kNo;
}

Result<int> run_explain(cli::Context& context, const cli::Arguments& arguments) {
  const auto question = read_evaluation(context, arguments);
  if (!question) return fail(question.error());
  return explain(context, *question);
}

Result<int> run_eval(cli::Context& context, const cli::Arguments& arguments) {
  if (arguments.has("--explain")) return run_explain(context, arguments);
  const auto question = read_evaluation(context, arguments);
  if (!question) return fail(question.error());
  return answer(context, *question);
}

// ---- check

cond::ConditionFileReport check_one(const std::string& expression,
                                    const ConditionOptions& options) {
  cond::ConditionFileReport report{1, 0, check_condition(expression, options),
                                   lint_condition(expression, options)};
  report.bad = report.errors.empty() ? 0 : 1;
  return report;
}

Result<cond::ConditionFileReport> check(const cli::Arguments& arguments,
                                        const ConditionOptions& options) {
  if (const auto expression = arguments.operand("EXPR")) return check_one(*expression, options);
  if (arguments.has("--expr-file")) {
    const auto file = cond_input::read_named(arguments.text("--expr-file"));
    if (!file) return fail(file.error());
    const auto condition = cond::parse_condition_file(file->text, file->name, options);
    if (condition) return check_one(condition->text(), options);
    return cond::ConditionFileReport{1, 1, {condition.error()}, {}};
  }
  const auto file = cond_input::read_named(arguments.text("--file"));
  if (!file) return fail(file.error());
  cond::ConditionFileReport report = cond::check_condition_file(file->text, file->name, options);
  // A file that checks nothing is more likely the wrong file than right.
  if (report.conditions == 0) {
    return fail(ErrorCode::parse, "no condition in it", file->name);
  }
  return report;
}

std::string summary(const cond::ConditionFileReport& report) {
  return "wrong conditions: " + std::to_string(report.bad) + " of " +
         std::to_string(report.conditions);
}

Result<int> run_check(cli::Context& context, const cli::Arguments& arguments) {
  const bool one = !arguments.has("--file");
  const int given = (arguments.operand("EXPR") ? 1 : 0) + (arguments.has("--expr-file") ? 1 : 0) +
                    (arguments.has("--file") ? 1 : 0);
  if (given != 1) {
    return fail(ErrorCode::invalid_argument, "give either EXPR, --expr-file FILE or --file FILE");
  }
  const auto language = cond_input::read_language(context, arguments);
  if (!language) return fail(language.error());
  const auto report = check(arguments, *language);
  if (!report) return fail(report.error());
  if (!context.json()) {
    for (const Error& warning : report->warnings) context.warn(to_string(warning));
  }
  context.print(reports::CondCheck{*report});
  if (report->errors.empty()) return cli::kYes;
  if (context.json()) return cli::kCouldNotTell;
  std::vector<std::string> lines;
  if (!one) lines.push_back(summary(*report));
  for (const Error& error : report->errors) lines.push_back(to_string(error));
  if (const auto expression = arguments.operand("EXPR")) {
    lines.back() += cond_input::offer_definitions(*expression, *language);
  }
  return fail(ErrorCode::parse, join(lines, "\n"));
}

// ---- The commands

constexpr std::string_view kFilterSchema = "rz.cond.filter/1";

constexpr cli::Option kDefine = {
    .name = "--define",
    .value = "VARIABLE",
    .about = "NAME:TYPE, a further variable: number, integer, string or boolean; repeatable",
    .repeatable = true};
constexpr cli::Option kOnMissing = {.name = "--on-missing",
                                    .value = "POLICY",
                                    .about = "What a missing value means: error or false",
                                    .choices = "error|false",
                                    .preset = "error"};
constexpr cli::Option kVar = {.name = "--var",
                              .value = "NAME=VALUE",
                              .about = "A variable's value; repeatable",
                              .repeatable = true};
constexpr cli::Option kContext = {.name = "--context",
                                  .value = "FILE",
                                  .about = "Values from a JSON or YAML object; - for stdin"};

constexpr cli::Option kExprFile = {
    .name = "--expr-file",
    .value = "FILE",
    .about = "The condition from a file, with # comments, instead of EXPR; - for stdin"};

constexpr cli::Operand kExpression[] = {
    {.name = "EXPR", .about = "The condition; see rz-conditions(7)", .may_be_empty = true}};

constexpr cli::Option kEvalOptions[] = {
    kExprFile, kVar,       kContext,
    kDefine,   kOnMissing, {.name = "--explain", .about = "As rz cond explain"}};
constexpr cli::Option kExplainOptions[] = {kExprFile, kVar, kContext, kDefine, kOnMissing};

constexpr cli::Option kCheckOptions[] = {
    kExprFile,
    {.name = "--file", .value = "FILE", .about = "One condition a line, # comments; - for stdin"},
    kDefine};

constexpr cli::Operand kFilterOperands[] = {
    kExpression[0],
    {.name = "FILE", .about = "NDJSON or CSV, also as .gz or .zst; - for stdin", .many = true}};
constexpr cli::Option kFilterOptions[] = {
    kExprFile,
    {.name = "--input",
     .value = "FORMAT",
     .about = "ndjson or csv; else by the first file's name",
     .choices = "ndjson|csv"},
    {.name = "--delimiter",
     .value = "CHAR",
     .about = "Between the fields of CSV; tab for tabs, and for files named .tsv; else a comma"},
    {.name = "--no-header", .about = "CSV without a header; the columns are c1, c2 and so on"},
    {.name = "--fill", .about = "CSV: records with too few fields lack the last values"},
    {.name = "--comment", .value = "C", .about = "CSV: lines that begin with C are left out"},
    {.name = "--count", .short_name = "-c", .about = "Print how many there are instead"},
    {.name = "--invert", .about = "Take the records for which it is false"},
    {.name = "--line-number", .short_name = "-n", .about = "Put the line's number before each"},
    {.name = "--max-count",
     .short_name = "-m",
     .value = "N",
     .about = "Stop after so many; else after all",
     .min = 1,
     .max = std::numeric_limits<std::int64_t>::max()},
    {.name = "--annotate",
     .value = "NAME",
     .about = "Print all records, each with the answer as a last member or column; else match",
     .value_optional = true},
    {.name = "--on-error",
     .value = "POLICY",
     .about = "What becomes of a bad record: fail, skip or false",
     .choices = "fail|skip|false",
     .preset = "fail"},
    {.name = "--threads",
     .value = "N",
     .about = "Threads for files; else one for each core, at most 8",
     .min = 1,
     .max = 256},
    kDefine,
    kOnMissing};

constexpr std::string_view kExits =
    "0 true, 1 false, 3 a bad expression, a missing value or wrong usage";

constexpr cli::Command kCommands[] = {
    {.name = "eval",
     .summary = "Print true or false, and exit with 0 or 1",
     .examples = "rz cond eval 'severity >= 0.8 and step > 1' --var severity=0.9 --var step=2\n"
                 "rz cond eval 'severity >= 0.8' --context event.json && page-somebody\n"
                 "rz cond eval 'load > 4' --define load:number --var load=2.5",
     .operands = kExpression,
     .options = kEvalOptions,
     .formats = reports::kNamesFor<reports::CondAnswer>,
     .exits = kExits,
     .schema = "rz.cond/1",
     .answer = "result",
     .run = run_eval},
    {.name = "explain",
     .summary = "Show how the answer comes about",
     .examples = "rz cond explain 'severity >= 0.8 or step > 3' --context event.json",
     .operands = kExpression,
     .options = kExplainOptions,
     .formats = reports::kNamesFor<reports::CondExplanation>,
     .exits = kExits,
     .schema = "rz.cond.explain/1",
     .answer = "result",
     .run = run_explain},
    {.name = "check",
     .summary = "Say everything that is wrong, without data",
     .examples = "rz cond check 'severity >= 0.8'\n"
                 "rz cond check --file alerts.cond",
     .operands = kExpression,
     .options = kCheckOptions,
     .formats = reports::kNamesFor<reports::CondCheck>,
     .exits = "0 right, 3 wrong",
     .schema = "rz.cond.check/1",
     .answer = "ok",
     .run = run_check},
    {.name = "filter",
     .summary = "Print the records for which it is true",
     .examples = "rz cond filter 'severity >= 0.8' events.ndjson.gz > severe.ndjson\n"
                 "rz cond filter 'step > 3' --on-missing false -c events.csv\n"
                 "tail -f events.ndjson | rz cond filter 'severity >= 0.8' --on-error skip",
     .operands = kFilterOperands,
     .options = kFilterOptions,
     .formats = reports::kNamesFor<reports::FilterCounts>,
     .exits = "0 some record matched, 1 none did, 3 could not tell",
     .schema = kFilterSchema,
     .run = run_filter},
};

constexpr cli::Program kProgram = {
    .name = "rz cond",
    .summary = "Evaluate safe condition strings.",
    .examples =
        "rz cond eval 'severity >= 0.8 and step > 1' --var severity=0.9 --var step=2\n"
        "rz cond eval 'severity >= 0.8' --context event.json && page-somebody\n"
        "rz cond explain 'severity >= 0.8 or step > 3' --context event.json\n"
        "rz cond check 'severity >= 0.8'\n"
        "rz cond check --file alerts.cond\n"
        "rz cond filter 'severity >= 0.8' events.ndjson.gz > severe.ndjson",
    .commands = kCommands};

const apps::Registered registered(kProgram);

}  // namespace
