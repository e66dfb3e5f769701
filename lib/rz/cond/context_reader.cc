#include "rz/cond/context_reader.h"

#include <algorithm>
#include <optional>

#include "rz/base/text.h"

namespace rz {
namespace {

using Stored = ConditionContext::Stored;

const char* describe(VariableType type) {
  switch (type) {
    case VariableType::number: return "a number";
    case VariableType::integer: return "an integer";
    case VariableType::string: return "a string";
    case VariableType::boolean: return "true or false";
  }
  return "";
}

std::optional<VariableType> type_named(std::string_view name) {
  if (name == "number") return VariableType::number;
  if (name == "integer") return VariableType::integer;
  if (name == "string") return VariableType::string;
  if (name == "boolean") return VariableType::boolean;
  return std::nullopt;
}

const Variable* find(const ConditionOptions& options, std::string_view name) {
  const auto found = std::find_if(options.variables.begin(), options.variables.end(),
                                  [&](const Variable& variable) { return variable.name == name; });
  return found == options.variables.end() ? nullptr : &*found;
}

std::string unknown(const ConditionOptions& options, std::string_view name) {
  std::vector<std::string> names;
  for (const Variable& variable : options.variables) names.push_back(variable.name);
  const std::string near = suggestion(name, names);
  return "unknown variable '" + std::string(name) + "'" +
         (near.empty() ? "; known: " + join(names, ", ") : near);
}

std::optional<Stored> boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

// An integer that does not fit is refused: as a double it would be another number.
std::optional<Stored> number(std::string_view text) {
  if (const auto i = parse_int(text)) return *i;
  if (text.find_first_of(".eE") == std::string_view::npos) return std::nullopt;
  if (const auto d = parse_double(text)) return *d;
  return std::nullopt;
}

std::string unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                      text.back() == text.front();
  return std::string(quoted ? text.substr(1, text.size() - 2) : text);
}

std::optional<Stored> read(VariableType type, std::string_view text) {
  switch (type) {
    case VariableType::boolean: return boolean(text);
    case VariableType::string: return unquoted(text);
    case VariableType::number:
    case VariableType::integer: break;
  }
  return number(text);
}

std::optional<Stored> read(VariableType type, const Value& value) {
  if (value.is_null()) return std::monostate();
  switch (type) {
    case VariableType::boolean:
      if (const auto* v = value.as_bool()) return *v;
      break;
    case VariableType::string:
      if (const auto* v = value.as_string()) return *v;
      break;
    case VariableType::number:
    case VariableType::integer:
      if (const auto* v = value.as_int()) return *v;
      if (const auto* v = value.as_double()) return *v;
      break;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> variable_name_problem(std::string_view name) {
  static constexpr std::string_view kWords[] = {"and", "or", "not", "in", "true", "false"};
  if (std::find(std::begin(kWords), std::end(kWords), name) != std::end(kWords) ||
      equals_ignore_case(name, "always")) {
    return "a word of the conditions themselves";
  }
  const auto is_first = [](char c) { return is_alpha(c) || c == '_'; };
  const bool good =
      !name.empty() && is_first(name.front()) &&
      std::all_of(name.begin(), name.end(), [&](char c) { return is_first(c) || is_digit(c); });
  if (good) return std::nullopt;
  return "no name; use letters, digits and _";
}

Result<void> define_variable(ConditionOptions& options, std::string_view definition) {
  const std::size_t colon = definition.find(':');
  const std::string name(definition.substr(0, colon));
  const auto type =
      colon == std::string_view::npos ? std::nullopt : type_named(definition.substr(colon + 1));
  if (!type) {
    return fail(ErrorCode::invalid_argument,
                "'" + std::string(definition) +
                    "' is no definition; write NAME:TYPE, the type one of number, integer, string "
                    "and boolean");
  }
  if (const auto problem = variable_name_problem(name)) {
    return fail(ErrorCode::invalid_argument, "'" + name + "' is " + *problem);
  }
  std::erase_if(options.variables, [&](const Variable& known) { return known.name == name; });
  options.variables.push_back({name, *type});
  return {};
}

Result<void> set_variable(ConditionContext& context, const ConditionOptions& options,
                          std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    return fail(ErrorCode::invalid_argument,
                "'" + std::string(assignment) + "' has no '='; write NAME=VALUE");
  }
  const std::string_view name = assignment.substr(0, equals);
  const std::string_view text = assignment.substr(equals + 1);
  const Variable* variable = find(options, name);
  if (variable == nullptr) return fail(ErrorCode::invalid_argument, unknown(options, name));
  auto value = read(variable->type, text);
  if (!value) {
    return fail(ErrorCode::invalid_argument, "variable '" + variable->name + "' is " +
                                                 describe(variable->type) + ", but its value is '" +
                                                 std::string(text) + "'");
  }
  context.set(variable->name, std::move(*value));
  return {};
}

Result<void> set_variables(ConditionContext& context, const ConditionOptions& options,
                           const Value& document, std::string_view where) {
  const Value::Object* members = document.as_object();
  if (members == nullptr) {
    return fail(ErrorCode::invalid_argument,
                std::string("expected an object of names and values, but this is of type ") +
                    document.type_name(),
                std::string(where));
  }
  for (const auto& [name, member] : *members) {
    const Variable* variable = find(options, name);
    if (variable == nullptr) continue;
    auto value = read(variable->type, member);
    if (!value) {
      return fail(ErrorCode::invalid_argument,
                  "variable '" + name + "' is " + describe(variable->type) +
                      ", but its value is of type " + member.type_name(),
                  std::string(where));
    }
    context.set(name, std::move(*value));
  }
  return {};
}

}  // namespace rz
