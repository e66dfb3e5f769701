#include <optional>
#include <string>
#include <vector>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/cli/program.h"
#include "rz/cond/condition.h"
#include "rz/cond/condition_file.h"
#include "rz/cond/context_reader.h"
#include "rz/cond/explain_report.h"

namespace {

using namespace rz;

// More than any file of conditions or values, less than what would hurt.
constexpr std::uint64_t kMaxFile = 64 << 20;

const cli::ProgramInfo kInfo = {
    "rz cond",
    "Evaluate safe condition strings.",
    "  rz cond eval 'severity >= 0.8 and step > 1' --var severity=0.9 --var step=2\n"
    "  rz cond eval 'severity >= 0.8' --context event.json && page-somebody\n"
    "  rz cond explain 'severity >= 0.8 or step > 3' --context event.json\n"
    "  rz cond check 'severity >= 0.8'\n"
    "  rz cond check --file alerts.cond\n",
    {"text", "json"}};

std::string source_name(const std::string& path) { return path == "-" ? "stdin" : path; }

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
    const std::string name = source_name(flags.context);
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

Result<int> eval(cli::Context& context, const EvalFlags& flags, const Question& question) {
  const auto result = question.condition.evaluate(question.values);
  if (!result) return refuse(context, flags, result.error());
  if (context.json()) {
    context.out().json(Value::object(
        {{"schema", "rz.cond/1"}, {"expression", flags.expression}, {"result", *result}}));
  } else {
    context.out().line(*result ? "true" : "false");
  }
  return *result ? cli::kYes : cli::kNo;
}

Result<int> explain(cli::Context& context, const EvalFlags& flags, const Question& question) {
  const Explanation explanation = explain(question.condition, question.values);
  if (context.json()) {
    Value document = to_value(explanation);
    document.set("expression", flags.expression);
    context.out().json(document);
  } else {
    context.out().line(to_text(explanation));
  }
  if (explanation.error) return fail(*explanation.error);
  return explanation.root.answer ? cli::kYes : cli::kNo;
}

Result<int> answer(cli::Context& context, const EvalFlags& flags) {
  const auto config = context.config();
  if (!config) return refuse(context, flags, config.error());
  const auto question = read_question(flags, (*config)->conditions);
  if (!question) return refuse(context, flags, question.error());
  return flags.explain ? explain(context, flags, *question) : eval(context, flags, *question);
}

void add_values(CLI::App& sub, EvalFlags& flags) {
  sub.add_option("EXPR", flags.expression, "The condition; see rz-conditions(7)")->required();
  sub.add_option("--var", flags.variables, "A variable's value; repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  sub.add_option("--context", flags.context, "Values from a JSON or YAML object; - for stdin")
      ->type_name("FILE");
}

void define_eval(CLI::App& app, cli::Context& context, EvalFlags& flags) {
  CLI::App* sub = app.add_subcommand("eval", "Print true or false, and exit with 0 or 1");
  add_values(*sub, flags);
  sub->add_flag("--explain", flags.explain, "As rz cond explain");
  sub->callback([&] { context.run = [&] { return answer(context, flags); }; });
}

void define_explain(CLI::App& app, cli::Context& context, EvalFlags& flags) {
  CLI::App* sub = app.add_subcommand("explain", "Show how the answer comes about");
  add_values(*sub, flags);
  sub->callback([&] {
    flags.explain = true;
    context.run = [&] { return answer(context, flags); };
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
  ConditionFileReport report = check_condition_file(*text, source_name(flags.file), options);
  // A file that checks nothing is more likely the wrong file than right.
  if (report.conditions == 0) {
    return fail(ErrorCode::parse, "no condition in it", source_name(flags.file));
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

Result<int> check(cli::Context& context, const CheckFlags& flags) {
  const auto config = context.config();
  if (!config) return fail(config.error());
  const auto report = check(flags, (*config)->conditions);
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

void define_check(CLI::App& app, cli::Context& context, CheckFlags& flags) {
  CLI::App* sub = app.add_subcommand("check", "Say everything that is wrong, without data");
  auto* expression = sub->add_option("EXPR", flags.expression, "The condition");
  sub->add_option("--file", flags.file, "One condition a line, # comments; - for stdin")
      ->type_name("FILE")
      ->excludes(expression);
  sub->callback([&] {
    if (!flags.expression && flags.file.empty()) throw CLI::RequiredError("EXPR or --file FILE");
    context.run = [&] { return check(context, flags); };
  });
}

}  // namespace

int main(int argc, char** argv) {
  EvalFlags eval_flags;
  CheckFlags check_flags;
  return cli::run_program(argc, argv, kInfo, [&](CLI::App& app, cli::Context& context) {
    define_eval(app, context, eval_flags);
    define_explain(app, context, eval_flags);
    define_check(app, context, check_flags);
  });
}
