#include "cascade_variables.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cascade_state.h"
#include "rz/cond/ast.h"
#include "rz/fallback/policy_variables.h"
#include "rz/health/make_check.h"
#include "rz/reports/listing.h"

namespace rz {

namespace {

std::string meaning_of(std::string_view sentence, std::span<const std::string_view> words) {
  std::string meaning(sentence);
  std::string_view before = " One of ";
  for (const std::string_view word : words)
    meaning.append(std::exchange(before, ", ")).append(word);
  return words.empty() ? meaning : meaning + ".";
}

// What a rule may ask for. Without a state the values are those of one of which nothing is known;
// what a host knows beside a state has none.
reports::Listing list_variables(const HealthState& state, const std::vector<std::string>& checks) {
  constexpr const char* kTypes[] = {"number", "integer", "string", "boolean"};
  reports::Listing list{
      "rz.cascade.variables/1", "variables", {"name", "type", "value", "meaning"}};
  for (const fallback::PolicyVariable& one : fallback::policy_variable_table()) {
    list.rows.push_back({std::string(one.name), kTypes[static_cast<std::size_t>(one.type)],
                         one.place == nullptr ? Value() : fallback::to_value(one.read({state})),
                         meaning_of(one.sentence, one.words)});
  }
  std::vector<Variable> statuses;
  for (const std::string& check : checks) {
    statuses.push_back({std::string(fallback::kCheckVariables) + check, VariableType::string});
  }
  ConditionContext values;
  fallback::add_check_statuses(state, statuses, values);
  for (const auto& [name, value] : values.values()) {
    list.rows.push_back({cond::print_name(name), "string", fallback::to_value(value),
                         meaning_of("The status of this check.", fallback::kCheckWords)});
  }
  return list;
}

}  // namespace

Result<int> show_variables(cli::Context& context, const cli::Arguments& arguments) {
  const auto state = arguments.has("--state") ? read_state(arguments.text("--state"))
                                              : Result<HealthState>(HealthState{});
  if (!state) return fail(state.error());
  const auto config = context.runtime().config();
  if (!config) return fail(config.error());
  context.print(list_variables(*state, health::check_names((*config)->health)));
  return cli::kYes;
}

}  // namespace rz
