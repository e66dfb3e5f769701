#include "rz/health/judging/run_condition.h"

#include <sys/utsname.h>

#include <cstdint>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/health/judging/result_condition.h"

namespace rz::health {
namespace {

constexpr std::uint64_t kMaxRelease = 64 * 1024;

// `ID=debian`, perhaps in quotes; os-release(5).
std::optional<std::string> os_id() {
  for (const char* path : {"/etc/os-release", "/usr/lib/os-release"}) {
    const auto text = read_file(path, kMaxRelease);
    if (!text) continue;
    for (std::string_view line : split(std::string_view(*text), '\n')) {
      if (!line.starts_with("ID=")) continue;
      line.remove_prefix(3);
      const bool quoted = line.size() >= 2 && (line.front() == '"' || line.front() == '\'');
      return std::string(quoted ? line.substr(1, line.size() - 2) : line);
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Variable> host_fact_variables() {
  return {{"host", VariableType::string},
          {"hostname", VariableType::string},
          {"os", VariableType::string},
          {"arch", VariableType::string}};
}

ConditionContext host_facts() {
  ConditionContext facts;
  utsname system{};
  if (::uname(&system) == 0) {
    const std::string name = system.nodename;
    facts.set("hostname", name);
    facts.set("host", name.substr(0, name.find('.')));
    facts.set("arch", std::string(system.machine));
  }
  if (auto os = os_id()) facts.set("os", *std::move(os));
  return facts;
}

void visit_run_if(FieldVisitor& fields, CheckOptions& options) {
  fields.condition(
      {.key = "run_if",
       .sentence = "While this is false the check is skipped, and does not count: a condition over "
                   "facts of this host and results of other checks.",
       .example = "\"hostname in ['db-1', 'db-2'] and `disk.status` == 'healthy'\""},
      [&](const std::string& text) -> TextProblems {
        const std::vector<Variable> facts = host_fact_variables();
        const ConditionOptions known = result_condition_options(text, facts);
        auto errors = check_condition(text, known);
        const auto condition = parse_condition(text, known);
        if (!condition) return {std::move(errors), {}};
        options.run_if = text;
        options.awaits = checks_named_in(*condition);
        return {{}, lint_condition(text, known)};
      });
}

Result<std::optional<std::string>> why_not_run(const std::string& run_if,
                                               const std::vector<const CheckResult*>& results) {
  TRY_ASSIGN(const Condition condition,
             parse_condition(run_if, result_condition_options(run_if, host_fact_variables())));
  ConditionContext context = host_facts();
  add_result_values(condition, results, context);
  TRY_ASSIGN(const bool holds, condition.evaluate(context));
  if (holds) return std::optional<std::string>();
  const std::string values = describe_values(condition, context);
  return std::optional("skipped: run_if is false: " + printable(run_if) +
                       (values.empty() ? "" : " (" + values + ")"));
}

}  // namespace rz::health
