#include "rz/health/checks/condition_check.h"

#include <vector>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/cond/condition.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/judging/result_condition.h"

namespace rz::health {
namespace {

class ConditionCheck final : public BasicCheck {
 public:
  explicit ConditionCheck(ConditionCheckOptions options)
      : BasicCheck(ConditionCheckOptions::kType, options), options_(std::move(options)) {}

  CheckResult check() override { return combine({}); }

  CheckResult combine(const std::vector<const CheckResult*>& results) override {
    Value metadata = Value::object({{"condition", options_.when}});
    const auto condition = parse_condition(options_.when, result_condition_options(options_.when));
    if (!condition) return failed(condition.error(), std::move(metadata));
    ConditionContext context;
    const std::vector<NamedValue> used = add_result_values(*condition, results, context);
    for (const NamedValue& one : used) metadata.set(one.name, one.value);
    const std::string values = describe_values(*condition, context);
    const auto holds = condition->evaluate(context);
    if (!holds) {
      return untold(holds.error(), join_known(values, missing_values(*condition, results)),
                    std::move(metadata));
    }
    if (*holds) return answer(HealthStatus::healthy, "as expected: " + values, std::move(metadata));
    for (const CheckResult* result : results) {
      if (result->status != HealthStatus::unknown) continue;
      return answer(HealthStatus::unknown,
                    "cannot tell while " + printable(result->name) + " is unknown: " + values,
                    std::move(metadata));
    }
    return answer(HealthStatus::unhealthy,
                  "expected " + printable(options_.when) + ", but " + values, std::move(metadata));
  }

 private:
  static std::string join_known(const std::string& values, const std::string& others) {
    return values + (values.empty() || others.empty() ? "" : "; ") + others;
  }

  static CheckResult untold(const Error& error, const std::string& values, Value metadata) {
    return answer(
        HealthStatus::unknown,
        std::string(first_line(error.message)) + (values.empty() ? "" : " (" + values + ")"),
        std::move(metadata));
  }

  ConditionCheckOptions options_;
};

}  // namespace

Result<void> find_combined_checks(ConditionCheckOptions& options) {
  TRY_ASSIGN(const Condition condition,
             parse_condition(options.when, result_condition_options(options.when)));
  options.combines = checks_named_in(condition);
  if (!options.combines.empty()) return {};
  return fail(ErrorCode::parse, "names no result of a check; write it like `disk.status`",
              "condition:1:1");
}

void visit_fields(FieldVisitor& fields, ConditionCheckOptions& options) {
  fields.condition({.key = "when",
                    .sentence = "What must be true, over the results of other checks.",
                    .example = "\"`disk.status` == 'healthy' and `disk.usage_percent` < 80\"",
                    .needed_by = "a condition check"},
                   [&](const std::string& text) -> TextProblems {
                     options.when = text;
                     const ConditionOptions known = result_condition_options(text);
                     auto errors = check_condition(text, known);
                     if (!errors.empty()) return {std::move(errors), {}};
                     const auto found = find_combined_checks(options);
                     if (!found) return {{found.error()}, {}};
                     return {{}, lint_condition(text, known)};
                   });
}

std::shared_ptr<HealthCheck> make_condition_check(ConditionCheckOptions options) {
  return std::make_shared<ConditionCheck>(std::move(options));
}

std::shared_ptr<HealthCheck> make_health_check(const ConditionCheckOptions& options,
                                               const CheckDependencies&) {
  return make_condition_check(options);
}

}  // namespace rz::health
