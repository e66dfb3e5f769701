#include <algorithm>
#include <array>

#include "rz/base/text.h"
#include "rz/cond/context_reader.h"
#include "rz/config/expansion.h"
#include "rz/config/sections.h"

namespace rz {
namespace {

constexpr std::array<Choice<VariableType>, 4> kTypes = {{{"number", VariableType::number},
                                                         {"integer", VariableType::integer},
                                                         {"string", VariableType::string},
                                                         {"boolean", VariableType::boolean}}};

std::optional<Variable> read_variable(MapReader& map, const YamlMember& member) {
  const std::string path = map.path_of("variables");
  if (const auto problem = variable_name_problem(member.key)) {
    map.reader().error(member.place,
                       path + ": '" + ellipsize(printable(member.key), 60) + "' is " + *problem);
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (const Choice<VariableType>& type : kTypes) {
    if (member.value.text == type.name) return Variable{member.key, type.value};
    names.emplace_back(type.name);
  }
  map.reader().error(member.value.place, path + "." + member.key + ": expected " + one_of(names) +
                                             ", got " + describe(member.value) +
                                             suggestion(member.value.text, names));
  return std::nullopt;
}

}  // namespace

void read_conditions(MapReader& map, ConditionOptions& options) {
  const YamlNode* given = map.peek("variables");
  if (given && !given->is_null()) options.variables.clear();
  for (const YamlMember& member : map.members("variables")) {
    if (auto variable = read_variable(map, member)) options.variables.push_back(*variable);
  }
  Value::Object recorded;
  for (const Variable& variable : options.variables) {
    const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& choice) {
      return choice.value == variable.type;
    });
    recorded.emplace_back(variable.name, type->name);
  }
  map.reader().record(map.path_of("variables"), std::move(recorded), given);

  auto max_tokens = static_cast<std::int64_t>(options.max_tokens);
  map.integer("max_tokens", max_tokens, {1, 1000});
  options.max_tokens = static_cast<std::size_t>(max_tokens);
}

}  // namespace rz
