#include <algorithm>
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

const cli::ProgramInfo kInfo = {
    "rz cond",
    "Evaluate safe condition strings.",
    "  rz cond eval 'severity >= 0.8 and step > 1' --var severity=0.9 --var step=2\n"
    "  rz cond eval 'severity >= 0.8' --context event.json && page-somebody\n"
    "  rz cond explain 'severity >= 0.8 or step > 3' --context event.json\n"
    "  rz cond check 'severity >= 0.8'\n"
    "  rz cond check --file alerts.cond\n"
    "  rz cond filter 'severity >= 0.8' events.ndjson.gz > severe.ndjson\n",
    {"text", "json"}};

// ---- what several of them take

struct SharedFlags {
  std::vector<std::string> definitions;
  std::string on_missing = "error";

  bool missing_is_false() const { return on_missing == "false"; }
};

void add_definitions(CLI::App& sub, SharedFlags& flags) {
  sub.add_option("--define", flags.definitions,
                 "NAME:TYPE, a further variable: number, integer, string or boolean; repeatable")
      ->type_name("VARIABLE")
      ->allow_extra_args(false);
}

void add_shared(CLI::App& sub, SharedFlags& flags) {
  add_definitions(sub, flags);
  sub.add_option("--on-missing", flags.on_missing, "What a missing value means: error or false")
      ->type_name("POLICY")
      ->check(CLI::IsMember({"error", "false"}))
      ->capture_default_str();
}

/// The language of the config, and what the command line adds.
Result<ConditionOptions> conditions(cli::Context& context, const SharedFlags& flags) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  ConditionOptions options = (*config)->conditions;
  for (const std::string& definition : flags.definitions) {
    if (auto defined = define_variable(options, definition); !defined) {
      Error error = std::move(defined).error();
      error.where = "--define";
      return fail(std::move(error));
    }
  }
  return options;
}

// ---- eval and explain

struct EvalFlags {
  std::string expression;
  std::vector<std::string> variables;
  std::string context;
  bool explain = false;
};

Result<ConditionContext> read_values(const EvalFlags& flags, const ConditionOptions& options) {
  ConditionContext values;
  if (!flags.context.empty()) {
    const auto text = read_file(flags.context, kMaxFile);
    if (!text) return fail(text.error());
    const std::string name = input_name(flags.context);
    const auto document = parse_document(*text, name);
    if (!document) return fail(document.error());
    if (auto set = set_variables(values, options, *document, name); !set) return fail(set.error());
  }
  // A value on the command line beats that of the document.
  for (const std::string& assignment : flags.variables) {
    if (auto set = set_variable(values, options, assignment); !set) {
      Error error = std::move(set).error();
      error.where = "--var";
      return fail(std::move(error));
    }
  }
  return values;
}

struct Question {
  Condition condition;
  ConditionContext values;
};

Result<Question> read_question(const EvalFlags& flags, const ConditionOptions& options) {
  auto condition = parse_condition(flags.expression, options);
  if (!condition) return fail(std::move(condition).error());
  auto values = read_values(flags, options);
  if (!values) return fail(std::move(values).error());
  return Question{std::move(*condition), std::move(*values)};
}

// Who reads JSON gets JSON, also where there is no answer.
Result<int> refuse(cli::Context& context, const EvalFlags& flags, const Error& error) {
  if (context.json()) {
    context.out().json(Value::object({{"schema", flags.explain ? "rz.cond.explain/1" : "rz.cond/1"},
                                      {"expression", flags.expression},
                                      {"result", nullptr},
                                      {"error", to_string(error)}}));
  }
  return fail(error);
}

Result<int> eval(cli::Context& context, const EvalFlags& flags, const SharedFlags& shared,
                 const Question& question) {
  auto result = question.condition.evaluate(question.values);
  const bool missing = !result && result.error().code == ErrorCode::not_found;
  if (missing && shared.missing_is_false()) result = false;
  if (!result) return refuse(context, flags, result.error());
  if (context.json()) {
    context.out().json(Value::object(
        {{"schema", "rz.cond/1"}, {"expression", flags.expression}, {"result", *result}}));
  } else {
    context.out().line(*result ? "true" : "false");
  }
  return *result ? cli::kYes : cli::kNo;
}

Result<int> explain(cli::Context& context, const EvalFlags& flags, const SharedFlags& shared,
                    const Question& question) {
  const Explanation explanation = explain(question.condition, question.values);
  if (context.json()) {
    Value document = to_value(explanation);
    document.set("expression", flags.expression);
    context.out().json(document);
  } else {
    context.out().line(to_text(explanation));
  }
  if (explanation.error) {
    const bool missing = explanation.error->code == ErrorCode::not_found;
    if (missing && shared.missing_is_false()) return cli::kNo;
    return fail(*explanation.error);
  }
  return explanation.root.answer ? cli::kYes : cli::kNo;
}

Result<int> answer(cli::Context& context, const EvalFlags& flags, const SharedFlags& shared) {
  const auto language = conditions(context, shared);
  if (!language) return refuse(context, flags, language.error());
  const auto question = read_question(flags, *language);
  if (!question) return refuse(context, flags, question.error());
  return flags.explain ? explain(context, flags, shared, *question)
                       : eval(context, flags, shared, *question);
}

void add_values(CLI::App& sub, EvalFlags& flags) {
  sub.add_option("EXPR", flags.expression, "The condition; see rz-conditions(7)")->required();
  sub.add_option("--var", flags.variables, "A variable's value; repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  sub.add_option("--context", flags.context, "Values from a JSON or YAML object; - for stdin")
      ->type_name("FILE");
}

void define_eval(CLI::App& sub, cli::Context& context, EvalFlags& flags, SharedFlags& shared) {
  add_values(sub, flags);
  add_shared(sub, shared);
  sub.add_flag("--explain", flags.explain, "As rz cond explain");
  sub.callback([&] { context.run = [&] { return answer(context, flags, shared); }; });
}

void define_explain(CLI::App& sub, cli::Context& context, EvalFlags& flags, SharedFlags& shared) {
  add_values(sub, flags);
  add_shared(sub, shared);
  sub.callback([&] {
    flags.explain = true;
    context.run = [&] { return answer(context, flags, shared); };
  });
}

// ---- check

struct CheckFlags {
  std::optional<std::string> expression;
  std::string file;
};

Result<ConditionFileReport> check(const CheckFlags& flags, const ConditionOptions& options) {
  if (flags.expression) {
    ConditionFileReport report{1, 0, check_condition(*flags.expression, options),
                               lint_condition(*flags.expression, options)};
    report.bad = report.errors.empty() ? 0 : 1;
    return report;
  }
  const auto text = read_file(flags.file, kMaxFile);
  if (!text) return fail(text.error());
  ConditionFileReport report = check_condition_file(*text, input_name(flags.file), options);
  // A file that checks nothing is more likely the wrong file than right.
  if (report.conditions == 0) {
    return fail(ErrorCode::parse, "no condition in it", input_name(flags.file));
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

Result<int> check(cli::Context& context, const CheckFlags& flags, const SharedFlags& shared) {
  const auto language = conditions(context, shared);
  if (!language) return fail(language.error());
  const auto report = check(flags, *language);
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
  if (!flags.expression) lines.push_back(summary(*report));
  for (const Error& error : report->errors) lines.push_back(to_string(error));
  return fail(ErrorCode::parse, join(lines, "\n"));
}

void define_check(CLI::App& sub, cli::Context& context, CheckFlags& flags, SharedFlags& shared) {
  auto* expression = sub.add_option("EXPR", flags.expression, "The condition");
  sub.add_option("--file", flags.file, "One condition a line, # comments; - for stdin")
      ->type_name("FILE")
      ->excludes(expression);
  add_definitions(sub, shared);
  sub.callback([&] {
    if (!flags.expression && flags.file.empty()) throw CLI::RequiredError("EXPR or --file FILE");
    context.run = [&] { return check(context, flags, shared); };
  });
}

// ---- filter

constexpr int kMaxThreads = 8;

struct FilterFlags {
  std::string expression;
  std::vector<std::string> files;
  std::string input;
  std::string delimiter;
  std::string on_bad = "fail";
  bool count = false;
  FilterOptions options;
};

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

Result<void> complete(FilterFlags& flags, bool quiet) {
  FilterOptions& options = flags.options;
  if (flags.files.empty()) flags.files = {"-"};
  const std::string_view name = without_packing(flags.files.front());
  const bool tabs = name.ends_with(".tsv");
  const bool csv = flags.input.empty() ? tabs || name.ends_with(".csv") : flags.input == "csv";
  options.format = csv ? RecordFormat::csv : RecordFormat::ndjson;
  if (flags.delimiter.empty()) flags.delimiter = tabs ? "tab" : ",";
  const auto delimiter = read_delimiter(flags.delimiter);
  if (!delimiter) return fail(delimiter.error());
  options.delimiter = *delimiter;
  options.on_bad = flags.on_bad == "skip"    ? BadRecordPolicy::skip
                   : flags.on_bad == "false" ? BadRecordPolicy::no_match
                                             : BadRecordPolicy::fail;
  options.write_records = !flags.count && !quiet;
  // Who only asks whether there is one has the answer with the first.
  if (quiet && !flags.count) options.max_matches = 1;
  if (options.threads == 0) {
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    options.threads = std::clamp(cores, 1, kMaxThreads);
  }
  return {};
}

Result<int> filter(cli::Context& context, FilterFlags& flags, const SharedFlags& shared) {
  const auto language = conditions(context, shared);
  if (!language) return fail(language.error());
  const auto condition = parse_condition(flags.expression, *language);
  if (!condition) return fail(condition.error());
  if (auto completed = complete(flags, context.options().quiet); !completed) {
    return fail(std::move(completed).error());
  }
  flags.options.missing_is_false = shared.missing_is_false();
  OutputSink sink(context);
  const auto report = filter_records(*condition, flags.files, flags.options, sink);
  sink.finish();
  // Output that fails is reported once, when the program ends.
  if (!report && !context.out().flush()) return cli::kCouldNotTell;
  if (!report) return fail(report.error());
  if (context.json()) {
    context.out().json(Value::object({{"schema", "rz.cond.filter/1"},
                                      {"records", report->records},
                                      {"matches", report->matches},
                                      {"bad", report->bad}}));
  } else if (flags.count) {
    context.out().line(std::to_string(report->matches));
  }
  return report->matches > 0 ? cli::kYes : cli::kNo;
}

void define_filter(CLI::App& sub, cli::Context& context, FilterFlags& flags, SharedFlags& shared) {
  FilterOptions& options = flags.options;
  options.threads = 0;
  sub.add_option("EXPR", flags.expression, "The condition; see rz-conditions(7)")->required();
  sub.add_option("FILE", flags.files, "NDJSON or CSV, also as .gz or .zst; - for stdin");
  sub.add_option("--input", flags.input, "ndjson or csv; else by the first file's name")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"ndjson", "csv"}));
  sub.add_option("--delimiter", flags.delimiter, "Between the fields of CSV; `tab` for tabs")
      ->type_name("CHAR");
  sub.add_flag("-c,--count", flags.count, "Print how many there are instead");
  sub.add_flag("--invert", options.invert, "Take the records for which it is false");
  sub.add_flag("-n,--line-number", options.line_numbers, "Put the line's number before each");
  sub.add_option("-m,--max-count", options.max_matches, "Stop after so many")->type_name("N");
  sub.add_flag("--annotate", options.annotate, "Print all, each with the answer as `match`");
  sub.add_option("--on-error", flags.on_bad, "What becomes of a bad record: fail, skip or false")
      ->type_name("POLICY")
      ->check(CLI::IsMember({"fail", "skip", "false"}))
      ->capture_default_str();
  sub.add_option("--threads", options.threads, "Threads for files; else one for each core")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  add_shared(sub, shared);
  sub.callback([&] { context.run = [&] { return filter(context, flags, shared); }; });
}

}  // namespace

int main(int argc, char** argv) {
  EvalFlags eval_flags;
  CheckFlags check_flags;
  FilterFlags filter_flags;
  SharedFlags shared;
  return cli::run_program(argc, argv, kInfo, [&](CLI::App& app, cli::Context& context) {
    cli::add_command(app, "eval", "Print true or false, and exit with 0 or 1",
                     [&](CLI::App& sub) { define_eval(sub, context, eval_flags, shared); });
    cli::add_command(app, "explain", "Show how the answer comes about",
                     [&](CLI::App& sub) { define_explain(sub, context, eval_flags, shared); });
    cli::add_command(app, "check", "Say everything that is wrong, without data",
                     [&](CLI::App& sub) { define_check(sub, context, check_flags, shared); });
    cli::add_command(app, "filter", "Print the records for which it is true",
                     [&](CLI::App& sub) { define_filter(sub, context, filter_flags, shared); });
  });
}
