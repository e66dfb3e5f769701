#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/cli/program.h"
#include "rz/cli/progress.h"
#include "rz/cond/condition.h"
#include "rz/cond/condition_file.h"
#include "rz/cond/context_reader.h"
#include "rz/cond/explain_report.h"
#include "rz/cond/filter/filter_records.h"

namespace {

using namespace rz;

// More than any file of conditions or values. Read, JSON takes up to twenty times its size.
constexpr std::uint64_t kMaxFile = 8 << 20;

bool missing_is_false(const cli::Arguments& arguments) {
  return arguments.text("--on-missing") == "false";
}

/// The language of the config, and what the command line adds.
Result<ConditionOptions> conditions(cli::Context& context, const cli::Arguments& arguments) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  ConditionOptions options = (*config)->conditions;
  for (const std::string& definition : arguments.all("--define")) {
    if (auto defined = define_variable(options, definition); !defined) {
      Error error = std::move(defined).error();
      error.where = "--define";
      return fail(std::move(error));
    }
  }
  return options;
}

// ---- eval and explain

Result<ConditionContext> read_values(const cli::Arguments& arguments,
                                     const ConditionOptions& options) {
  ConditionContext values;
  if (arguments.has("--context")) {
    const std::string path = arguments.text("--context");
    const auto text = read_file(path, kMaxFile);
    if (!text) return fail(text.error());
    const std::string name = input_name(path);
    const auto document = parse_document(*text, name);
    if (!document) return fail(document.error());
    if (auto set = set_variables(values, options, *document, name); !set) return fail(set.error());
  }
  // A value on the command line beats that of the document.
  for (const std::string& assignment : arguments.all("--var")) {
    if (auto set = set_variable(values, options, assignment); !set) {
      Error error = std::move(set).error();
      error.where = "--var";
      return fail(std::move(error));
    }
  }
  return values;
}

struct Question {
  std::string expression;
  bool missing_is_false;
  Condition condition;
  ConditionContext values;
};

Result<Question> read_question(cli::Context& context, const cli::Arguments& arguments) {
  const auto options = conditions(context, arguments);
  if (!options) return fail(options.error());
  const std::string expression = *arguments.operand("EXPR");
  auto condition = parse_condition(expression, *options);
  if (!condition) return fail(std::move(condition).error());
  auto values = read_values(arguments, *options);
  if (!values) return fail(std::move(values).error());
  return Question{expression, missing_is_false(arguments), std::move(*condition),
                  std::move(*values)};
}

Result<int> answer(cli::Context& context, const Question& question) {
  auto result = question.condition.evaluate(question.values);
  const bool missing = !result && result.error().code == ErrorCode::not_found;
  if (missing && question.missing_is_false) result = false;
  if (!result) return fail(result.error());
  if (context.json()) {
    context.out().json(Value::object(
        {{"schema", "rz.cond/1"}, {"expression", question.expression}, {"result", *result}}));
  } else {
    context.out().line(*result ? "true" : "false");
  }
  return *result ? cli::kYes : cli::kNo;
}

Result<int> explain(cli::Context& context, const Question& question) {
  const Explanation explanation = explain(question.condition, question.values);
  if (context.json()) {
    Value document = to_value(explanation);
    document.set("expression", question.expression);
    context.out().json(document);
  } else {
    context.out().line(to_text(explanation));
  }
  if (explanation.error) {
    const bool missing = explanation.error->code == ErrorCode::not_found;
    if (missing && question.missing_is_false) return cli::kNo;
    return fail(*explanation.error);
  }
  return explanation.root.answer ? cli::kYes : cli::kNo;
}

Result<int> run_explain(cli::Context& context, const cli::Arguments& arguments) {
  const auto question = read_question(context, arguments);
  if (!question) return fail(question.error());
  return explain(context, *question);
}

Result<int> run_eval(cli::Context& context, const cli::Arguments& arguments) {
  if (arguments.has("--explain")) return run_explain(context, arguments);
  const auto question = read_question(context, arguments);
  if (!question) return fail(question.error());
  return answer(context, *question);
}

// ---- check

Result<ConditionFileReport> check(const cli::Arguments& arguments,
                                  const ConditionOptions& options) {
  if (const auto expression = arguments.operand("EXPR")) {
    ConditionFileReport report{1, 0, check_condition(*expression, options),
                               lint_condition(*expression, options)};
    report.bad = report.errors.empty() ? 0 : 1;
    return report;
  }
  const std::string path = arguments.text("--file");
  const auto text = read_file(path, kMaxFile);
  if (!text) return fail(text.error());
  ConditionFileReport report = check_condition_file(*text, input_name(path), options);
  // A file that checks nothing is more likely the wrong file than right.
  if (report.conditions == 0) {
    return fail(ErrorCode::parse, "no condition in it", input_name(path));
  }
  return report;
}

Value to_value(const ConditionFileReport& report) {
  const auto list = [](const std::vector<Error>& all) {
    Value values = Value::array();
    for (const Error& error : all) {
      values.push_back(Value::object({{"where", error.where}, {"message", error.message}}));
    }
    return values;
  };
  return Value::object({{"schema", "rz.cond.check/1"},
                        {"conditions", report.conditions},
                        {"bad", report.bad},
                        {"errors", list(report.errors)},
                        {"warnings", list(report.warnings)},
                        {"ok", report.errors.empty()}});
}

std::string summary(const ConditionFileReport& report) {
  return "wrong conditions: " + std::to_string(report.bad) + " of " +
         std::to_string(report.conditions);
}

Result<int> run_check(cli::Context& context, const cli::Arguments& arguments) {
  const bool one = arguments.operand("EXPR").has_value();
  if (one == arguments.has("--file")) {
    return fail(ErrorCode::invalid_argument, "give either EXPR or --file FILE");
  }
  const auto language = conditions(context, arguments);
  if (!language) return fail(language.error());
  const auto report = check(arguments, *language);
  if (!report) return fail(report.error());
  if (context.json()) {
    context.out().json(to_value(*report));
    return report->errors.empty() ? cli::kYes : cli::kCouldNotTell;
  }
  for (const Error& warning : report->warnings) context.warn(to_string(warning));
  if (report->errors.empty()) {
    context.out().line("ok");
    return cli::kYes;
  }
  std::vector<std::string> lines;
  if (!one) lines.push_back(summary(*report));
  for (const Error& error : report->errors) lines.push_back(to_string(error));
  return fail(ErrorCode::parse, join(lines, "\n"));
}

// ---- filter

constexpr int kMaxThreads = 8;

/// Records to standard output, what is wrong with some of them to stderr.
class OutputSink final : public FilterSink {
 public:
  explicit OutputSink(cli::Context& context)
      : context_(context), progress_(context.options().quiet) {}

  void write(std::string_view bytes) override { context_.out().write(bytes); }

  Result<void> flush(const FilterProgress& now) override {
    if (progress_.due()) {
      progress_.show(
          cli::describe_progress(now.records, now.consumed, now.size, progress_.elapsed()));
    }
    // What comes through a pipe may be slow to come; what was found in it shall not wait.
    return context_.out().flush();
  }

  void bad_record(const Error& error) override {
    progress_.clear();
    if (++bad_ <= kShown) context_.warn(to_string(error));
  }

  void finish() {
    progress_.clear();
    if (bad_ > kShown) context_.warn(std::to_string(bad_ - kShown) + " more bad records");
  }

 private:
  static constexpr std::uint64_t kShown = 10;
  cli::Context& context_;
  cli::Progress progress_;
  std::uint64_t bad_ = 0;
};

Result<char> read_delimiter(const std::string& text) {
  if (text == "tab" || text == "\\t") return '\t';
  constexpr std::string_view kAllowed = ",;|:\t !#$%&*/=?@^_~";
  if (text.size() == 1 && kAllowed.find(text[0]) != std::string_view::npos) return text[0];
  return fail(ErrorCode::invalid_argument,
              "'" + text + "' cannot separate fields; take one of , ; | : or tab", "--delimiter");
}

std::string_view without_packing(std::string_view name) {
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  return name;
}

int default_threads() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxThreads);
}

Result<FilterOptions> filter_options(const cli::Arguments& arguments, std::string_view first_file,
                                     bool quiet) {
  FilterOptions options;
  const std::string_view name = without_packing(first_file);
  const bool tabs = name.ends_with(".tsv");
  const std::string input = arguments.text("--input");
  const bool csv = input.empty() ? tabs || name.ends_with(".csv") : input == "csv";
  options.format = csv ? RecordFormat::csv : RecordFormat::ndjson;
  const auto delimiter = read_delimiter(arguments.has("--delimiter") ? arguments.text("--delimiter")
                                        : tabs                       ? "tab"
                                                                     : ",");
  if (!delimiter) return fail(delimiter.error());
  options.delimiter = *delimiter;
  const std::string on_bad = arguments.text("--on-error");
  options.on_bad = on_bad == "skip"    ? BadRecordPolicy::skip
                   : on_bad == "false" ? BadRecordPolicy::no_match
                                       : BadRecordPolicy::fail;
  const bool count = arguments.has("--count");
  options.write_records = !count && !quiet;
  options.invert = arguments.has("--invert");
  options.line_numbers = arguments.has("--line-number");
  options.annotate = arguments.has("--annotate");
  options.missing_is_false = missing_is_false(arguments);
  if (const auto most = arguments.number("--max-count")) {
    options.max_matches = static_cast<std::uint64_t>(*most);
  } else if (quiet && !count) {
    // Who only asks whether there is one has the answer with the first.
    options.max_matches = 1;
  }
  options.threads = static_cast<int>(arguments.number("--threads").value_or(default_threads()));
  return options;
}

Result<int> run_filter(cli::Context& context, const cli::Arguments& arguments) {
  const auto language = conditions(context, arguments);
  if (!language) return fail(language.error());
  const auto condition = parse_condition(*arguments.operand("EXPR"), *language);
  if (!condition) return fail(condition.error());
  const bool count = arguments.has("--count");
  if (context.json() && !count && !context.options().quiet) {
    return fail(ErrorCode::invalid_argument,
                "the records are no JSON document; add --count for the counts, or leave it out",
                "--format");
  }
  std::vector<std::string> files = arguments.operands("FILE");
  if (files.empty()) files = {"-"};
  const auto options = filter_options(arguments, files.front(), context.options().quiet);
  if (!options) return fail(options.error());
  OutputSink sink(context);
  const auto report = filter_records(*condition, files, *options, sink);
  sink.finish();
  // Output that fails is reported once, when the program ends.
  if (!report && !context.out().flush()) return cli::kCouldNotTell;
  if (!report) return fail(report.error());
  if (context.options().quiet) {
    // The exit code is the answer.
  } else if (context.json()) {
    context.out().json(Value::object({{"schema", "rz.cond.filter/1"},
                                      {"records", report->records},
                                      {"matches", report->matches},
                                      {"bad", report->bad}}));
  } else if (count) {
    context.out().line(std::to_string(report->matches));
  }
  return report->matches > 0 ? cli::kYes : cli::kNo;
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

constexpr cli::Operand kExpression[] = {
    {.name = "EXPR", .about = "The condition; see rz-conditions(7)", .required = true}};

constexpr cli::Option kEvalOptions[] = {
    kVar, kContext, kDefine, kOnMissing, {.name = "--explain", .about = "As rz cond explain"}};
constexpr cli::Option kExplainOptions[] = {kVar, kContext, kDefine, kOnMissing};

constexpr cli::Operand kCheckOperands[] = {{.name = "EXPR", .about = "The condition"}};
constexpr cli::Option kCheckOptions[] = {
    {.name = "--file", .value = "FILE", .about = "One condition a line, # comments; - for stdin"},
    kDefine};

constexpr cli::Operand kFilterOperands[] = {
    kExpression[0],
    {.name = "FILE", .about = "NDJSON or CSV, also as .gz or .zst; - for stdin", .many = true}};
constexpr cli::Option kFilterOptions[] = {
    {.name = "--input",
     .value = "FORMAT",
     .about = "ndjson or csv; else by the first file's name",
     .choices = "ndjson|csv"},
    {.name = "--delimiter",
     .value = "CHAR",
     .about = "Between the fields of CSV; tab for tabs, and for files named .tsv; else a comma"},
    {.name = "--count", .short_name = "-c", .about = "Print how many there are instead"},
    {.name = "--invert", .about = "Take the records for which it is false"},
    {.name = "--line-number", .short_name = "-n", .about = "Put the line's number before each"},
    {.name = "--max-count",
     .short_name = "-m",
     .value = "N",
     .about = "Stop after so many; else after all",
     .min = 0,
     .max = std::numeric_limits<std::int64_t>::max()},
    {.name = "--annotate", .about = "Print all, each with the answer as `match`"},
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
     .exits = kExits,
     .schema = "rz.cond/1",
     .answer = "result",
     .run = run_eval},
    {.name = "explain",
     .summary = "Show how the answer comes about",
     .examples = "rz cond explain 'severity >= 0.8 or step > 3' --context event.json",
     .operands = kExpression,
     .options = kExplainOptions,
     .exits = kExits,
     .schema = "rz.cond.explain/1",
     .answer = "result",
     .run = run_explain},
    {.name = "check",
     .summary = "Say everything that is wrong, without data",
     .examples = "rz cond check 'severity >= 0.8'\n"
                 "rz cond check --file alerts.cond",
     .operands = kCheckOperands,
     .options = kCheckOptions,
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

}  // namespace

int main(int argc, char** argv) { return cli::run_program(argc, argv, kProgram); }
