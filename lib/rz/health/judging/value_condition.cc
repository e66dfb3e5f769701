#include "rz/health/judging/value_condition.h"

#include <optional>
#include <utility>

namespace rz::health {

TextProblems check_value_condition(
    const std::string& text, const std::function<ConditionOptions(VariableType value)>& options) {
  std::optional<std::vector<Error>> doubts;
  for (const VariableType type :
       {VariableType::number, VariableType::string, VariableType::boolean}) {
    const ConditionOptions known = options(type);
    if (!parse_condition(text, known)) continue;
    auto found = lint_condition(text, known);
    if (!doubts || found.empty()) doubts = std::move(found);
    if (doubts->empty()) break;
  }
  if (doubts) return {{}, *std::move(doubts)};
  return {check_condition(text, options(VariableType::number)), {}};
}

}  // namespace rz::health
