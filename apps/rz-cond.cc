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
#include "rz/cond/filter/json_context.h"
#include "rz/cond/parser.h"

namespace {

using namespace rz;

// More than any file of conditions or values. Read, JSON takes up to twenty times its size.
constexpr std::uint64_t kMaxFile = 8 << 20;

bool missing_is_false(const cli::Arguments& arguments) {
  return arguments.text("--on-missing") == "false";
}

// As it can be typed in a shell.
std::string shell_word(const std::string& word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '_' || c == ':' || c == '-' || c == '.';
  });
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

/// The language of the config, and what the command line adds.
Result<ConditionOptions> conditions(cli::Context& context, const cli::Arguments& arguments) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  ConditionOptions options = (*config)->conditions;
  if (auto defined = define_variables(options, arguments.all("--define")); !defined) {
    Error error = std::move(defined).error();
    error.where = "--define";
    return fail(std::move(error));
  }
  return options;
}

// What a variable that is not known needs, for those that resemble no known one.
std::string offer_definitions(std::string_view text, const ConditionOptions& options) {
  static constexpr const char* kTypes[] = {"number", "integer", "string", "boolean"};
  std::string offer;
  for (const Variable& variable : cond::unknown_variables(text, options)) {
    offer += (offer.empty() ? "\nto make it a variable: --define " : " --define ") +
             shell_word(variable.name + ":" + kTypes[static_cast<int>(variable.type)]);
  }
  return offer;
}

std::string read_text(const cli::Arguments& arguments, Result<std::string>& file) {
  const std::string path = arguments.text("--expr-file");
  file = read_file(path, kMaxFile);
  return input_name(path);
}

/// A condition, and how it was written.
struct Question {
  std::string expression;
  Condition condition;
};

/// EXPR, or the content of --expr-file.
Result<Question> read_condition(const cli::Arguments& arguments, const ConditionOptions& options) {
  if (!arguments.has("--expr-file")) {
    const auto expression = arguments.operand("EXPR");
    if (!expression) {
      return fail(ErrorCode::invalid_argument,
                  "a condition is missing: give EXPR or --expr-file FILE (--help has examples)");
    }
    auto condition = parse_condition(*expression, options);
    if (condition) return Question{*expression, std::move(*condition)};
    Error error = std::move(condition).error();
    error.message += offer_definitions(*expression, options);
    return fail(std::move(error));
  }
  Result<std::string> text;
  const std::string name = read_text(arguments, text);
  if (!text) return fail(text.error());
  auto condition = parse_condition_file(*text, name, options);
  if (condition) return Question{std::string(trim(without_comments(*text))), std::move(*condition)};
  Error error = std::move(condition).error();
  error.message += offer_definitions(without_comments(*text), options);
  return fail(std::move(error));
}

// ---- eval and explain

Result<void> read_context(ConditionContext& values, const std::string& path,
                          const Condition& condition) {
  const auto text = read_file(path, kMaxFile);
  if (!text) return fail(text.error());
  const std::string name = input_name(path);
  // What the condition does not ask for does not matter.
  const auto asked = condition.variables();
  const auto json = set_variables_from_json(values, asked, *text, name);
  if (!json) return fail(json.error());
  if (*json) return {};
  const auto document = parse_document(*text, name);
  if (!document) return fail(document.error());
  return set_variables(values, {.variables = {asked.begin(), asked.end()}}, *document, name);
}

Result<ConditionContext> read_values(const cli::Arguments& arguments,
                                     const ConditionOptions& options, const Condition& condition) {
  ConditionContext values;
  if (arguments.has("--context")) {
    const auto read = read_context(values, arguments.text("--context"), condition);
    if (!read) return fail(read.error());
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

struct Evaluation {
  std::string expression;
  bool missing_is_false;
  Condition condition;
  ConditionContext values;
};

Result<Evaluation> read_evaluation(cli::Context& context, const cli::Arguments& arguments) {
  const auto options = conditions(context, arguments);
  if (!options) return fail(options.error());
  if (arguments.has("--expr-file") && arguments.operand("EXPR")) {
    return fail(ErrorCode::invalid_argument, "give either EXPR or --expr-file FILE");
  }
  auto question = read_condition(arguments, *options);
  if (!question) return fail(std::move(question).error());
  auto values = read_values(arguments, *options, question->condition);
  if (!values) return fail(std::move(values).error());
  return Evaluation{std::move(question->expression), missing_is_false(arguments),
                    std::move(question->condition), std::move(*values)};
}

Result<int> answer(cli::Context& context, const Evaluation& question) {
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

Result<int> explain(cli::Context& context, const Evaluation& question) {
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

ConditionFileReport check_one(const std::string& expression, const ConditionOptions& options) {
  ConditionFileReport report{1, 0, check_condition(expression, options),
                             lint_condition(expression, options)};
  report.bad = report.errors.empty() ? 0 : 1;
  return report;
}

Result<ConditionFileReport> check(const cli::Arguments& arguments,
                                  const ConditionOptions& options) {
  if (const auto expression = arguments.operand("EXPR")) return check_one(*expression, options);
  if (arguments.has("--expr-file")) {
    Result<std::string> text;
    const std::string name = read_text(arguments, text);
    if (!text) return fail(text.error());
    const auto condition = parse_condition_file(*text, name, options);
    if (condition) return check_one(condition->text(), options);
    return ConditionFileReport{1, 1, {condition.error()}, {}};
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
  const bool one = !arguments.has("--file");
  const int given = (arguments.operand("EXPR") ? 1 : 0) + (arguments.has("--expr-file") ? 1 : 0) +
                    (arguments.has("--file") ? 1 : 0);
  if (given != 1) {
    return fail(ErrorCode::invalid_argument, "give either EXPR, --expr-file FILE or --file FILE");
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
  if (const auto expression = arguments.operand("EXPR")) {
    lines.back() += offer_definitions(*expression, *language);
  }
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

  void bad_file(const Error& error) override {
    progress_.clear();
    bad_files_.push_back(to_string(error));
  }

  void finish() {
    progress_.clear();
    if (bad_ > kShown) context_.warn(std::to_string(bad_ - kShown) + " more bad records");
  }

  /// What cannot be read, a line each.
  const std::vector<std::string>& bad_files() const { return bad_files_; }

 private:
  static constexpr std::uint64_t kShown = 10;
  cli::Context& context_;
  cli::Progress progress_;
  std::uint64_t bad_ = 0;
  std::vector<std::string> bad_files_;
};

Result<char> read_delimiter(const std::string& text) {
  if (text == "tab" || text == "\\t") return '\t';
  constexpr std::string_view kAllowed = ",;|:\t !#$%&*/=?@^_~";
  if (text.size() == 1 && kAllowed.find(text[0]) != std::string_view::npos) return text[0];
  return fail(ErrorCode::invalid_argument,
              "'" + text + "' cannot separate fields; take one of , ; | : or tab", "--delimiter");
}

// In lower case: what comes from other systems is named EXPORT.CSV.
std::string without_packing(std::string_view path) {
  std::string name = to_lower(path);
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.erase(name.size() - packed.size());
  }
  return name;
}

Result<char> read_comment(const std::string& text) {
  constexpr std::string_view kNone = "\"\n\r,";
  const bool printable = text.size() == 1 && text[0] > ' ' && text[0] < '\x7f';
  if (printable && kNone.find(text[0]) == std::string_view::npos) return text[0];
  return fail(ErrorCode::invalid_argument,
              "'" + text + "' cannot begin a comment; take a single character such as #",
              "--comment");
}

Result<std::string> read_annotation(const std::string& name) {
  if (name.empty()) return std::string("match");
  if (find_invalid_utf8(name)) {
    return fail(ErrorCode::invalid_argument, "expected a name of UTF-8, as in --annotate=alert",
                "--annotate");
  }
  return name;
}

// Options that mean nothing for NDJSON are not silently passed over.
Result<void> require_csv(const cli::Arguments& arguments, bool csv) {
  if (csv) return {};
  for (const std::string_view option : {"--delimiter", "--no-header", "--fill", "--comment"}) {
    if (arguments.has(option)) {
      return fail(ErrorCode::invalid_argument, "is for CSV; add --input csv", std::string(option));
    }
  }
  return {};
}

int default_threads() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxThreads);
}

Result<FilterOptions> filter_options(const cli::Arguments& arguments, std::string_view first_file,
                                     bool quiet) {
  FilterOptions options;
  const std::string name = without_packing(first_file);
  const bool tabs = name.ends_with(".tsv");
  const std::string input = arguments.text("--input");
  const bool csv = input.empty() ? tabs || name.ends_with(".csv") : input == "csv";
  options.format = csv ? RecordFormat::csv : RecordFormat::ndjson;
  if (auto fits = require_csv(arguments, csv); !fits) return fail(std::move(fits).error());
  const auto delimiter = read_delimiter(arguments.has("--delimiter") ? arguments.text("--delimiter")
                                        : tabs                       ? "tab"
                                                                     : ",");
  if (!delimiter) return fail(delimiter.error());
  options.delimiter = *delimiter;
  options.header = !arguments.has("--no-header");
  options.fill = arguments.has("--fill");
  if (arguments.has("--comment")) {
    const auto comment = read_comment(arguments.text("--comment"));
    if (!comment) return fail(comment.error());
    options.comment = *comment;
  }
  const std::string on_bad = arguments.text("--on-error");
  options.on_bad = on_bad == "skip"    ? BadRecordPolicy::skip
                   : on_bad == "false" ? BadRecordPolicy::no_match
                                       : BadRecordPolicy::fail;
  const bool count = arguments.has("--count");
  options.write_records = !count && !quiet;
  options.invert = arguments.has("--invert");
  options.line_numbers = arguments.has("--line-number");
  options.annotate = arguments.has("--annotate");
  const auto annotation = read_annotation(arguments.text("--annotate"));
  if (!annotation) return fail(annotation.error());
  options.annotation = *annotation;
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

/// The files to read. With --expr-file there is no EXPR, and what stands in its place is a file.
std::vector<std::string> files_of(const cli::Arguments& arguments) {
  std::vector<std::string> files = arguments.operands("FILE");
  if (const auto first = arguments.operand("EXPR"); first && arguments.has("--expr-file")) {
    files.insert(files.begin(), *first);
  }
  if (files.empty()) files = {"-"};
  return files;
}

void print_counts(cli::Context& context, const FilterReport& report) {
  if (context.options().quiet) return;
  if (!context.json()) return context.out().line(std::to_string(report.matches));
  context.out().json(Value::object({{"schema", "rz.cond.filter/1"},
                                    {"records", report.records},
                                    {"matches", report.matches},
                                    {"bad", report.bad}}));
}

Result<int> run_filter(cli::Context& context, const cli::Arguments& arguments) {
  const bool counting = arguments.has("--count");
  if (context.json() && !counting && !context.options().quiet) {
    return fail(
        ErrorCode::invalid_argument,
        "the records are not one JSON document; add --count for the counts, or leave it out",
        "--format");
  }
  const auto language = conditions(context, arguments);
  if (!language) return fail(language.error());
  const auto question = read_condition(arguments, *language);
  if (!question) return fail(question.error());
  const std::vector<std::string> files = files_of(arguments);
  const auto options = filter_options(arguments, files.front(), context.options().quiet);
  if (!options) return fail(options.error());
  OutputSink sink(context);
  const auto report = filter_records(question->condition, files, *options, sink);
  sink.finish();
  // Output that fails is reported once, when the program ends.
  if (!report && !context.out().flush()) return cli::kCouldNotTell;
  if (!report) return fail(report.error());
  // A count that lacks a file is not an answer to a program, but a person may want it.
  const bool whole = sink.bad_files().empty();
  if (counting && (whole || !context.json())) print_counts(context, *report);
  if (!whole) return fail(ErrorCode::unavailable, join(sink.bad_files(), "\n"));
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

constexpr cli::Operand kCheckOperands[] = {
    {.name = "EXPR", .about = "The condition", .may_be_empty = true}};
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
