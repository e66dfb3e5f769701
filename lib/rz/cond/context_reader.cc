#include "rz/cond/context_reader.h"

#include <algorithm>
#include <optional>

#include "rz/base/text.h"
#include "rz/cond/character.h"
#include "rz/cond/lexer.h"

namespace rz::cond {
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
  return "unknown variable '" + cond::visible(name) + "'" +
         (near.empty() ? "; known: " + join(names, ", ") : near);
}

// `NAME` with its backquotes.
bool is_quoted_name(std::string_view text) {
  return text.size() > 2 && text.front() == '`' && text.back() == '`';
}

// The `=` behind the name; a name in backquotes may hold others.
std::size_t end_of_name(std::string_view assignment) {
  if (assignment.starts_with('`')) {
    const std::size_t end = assignment.find("`=", 1);
    if (end != std::string_view::npos) return end + 1;
  }
  return assignment.find('=');
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
  if (cond::is_word(name)) return "a reserved word of conditions";
  if (name.empty()) return "not a name; it is empty";
  if (find_invalid_utf8(name)) return "not a name; it is not UTF-8";
  const bool control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (control) return "not a name; it has a control character";
  // Nobody could see where such a name begins or ends.
  if (trim(name).empty()) return "not a name; it has only blanks";
  return std::nullopt;
}

Result<void> define_variable(ConditionOptions& options, std::string_view definition) {
  const std::size_t colon = definition.rfind(':');
  const std::string_view written = definition.substr(0, colon);
  const bool quoted = is_quoted_name(written);
  const std::string name = quoted ? cond::name_of(written) : std::string(written);
  const auto type =
      colon == std::string_view::npos ? std::nullopt : type_named(definition.substr(colon + 1));
  if (!type) {
    return fail(
        ErrorCode::invalid_argument,
        "'" + std::string(definition) +
            "' is not a definition; write NAME:TYPE, the type one of number, integer, string "
            "and boolean");
  }
  const auto problem = variable_name_problem(name);
  if (problem && !(quoted && cond::is_word(name))) {
    return fail(ErrorCode::invalid_argument, "'" + cond::visible(name) + "' is " + *problem);
  }
  std::erase_if(options.variables, [&](const Variable& known) { return known.name == name; });
  options.variables.push_back({name, *type});
  return {};
}

Result<void> define_variables(ConditionOptions& options, std::span<const std::string> definitions) {
  std::vector<Variable> defined;
  for (const std::string& definition : definitions) {
    if (auto done = define_variable(options, definition); !done) return done;
    const Variable& added = options.variables.back();
    for (const Variable& before : defined) {
      if (before.name != added.name || before.type == added.type) continue;
      return fail(ErrorCode::invalid_argument,
                  "'" + cond::visible(added.name) + "' is defined with two types");
    }
    defined.push_back(added);
  }
  return {};
}

Result<void> set_variable(ConditionContext& context, const ConditionOptions& options,
                          std::string_view assignment) {
  const std::size_t equals = end_of_name(assignment);
  if (equals == std::string_view::npos) {
    return fail(ErrorCode::invalid_argument,
                "'" + std::string(assignment) + "' has no '='; write NAME=VALUE");
  }
  const std::string_view written = assignment.substr(0, equals);
  const std::string name = is_quoted_name(written) ? cond::name_of(written) : std::string(written);
  const std::string_view text = assignment.substr(equals + 1);
  const Variable* variable = find(options, name);
  if (variable == nullptr) return fail(ErrorCode::invalid_argument, unknown(options, name));
  auto value = read(variable->type, text);
  if (!value) {
    return fail(ErrorCode::invalid_argument, "variable '" + variable->name + "' is " +
                                                 describe(variable->type) + ", but its value is '" +
                                                 cond::visible(text) + "'");
  }
  context.set(variable->name, std::move(*value));
  return {};
}

const Value* find_member(const Value& object, std::string_view name) {
  if (const Value* member = object.find(name)) return member;
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const Value* outer = object.find(name.substr(0, dot));
  return outer == nullptr ? nullptr : find_member(*outer, name.substr(dot + 1));
}

Result<void> set_variables(ConditionContext& context, const ConditionOptions& options,
                           const Value& document, std::string_view where) {
  if (document.as_object() == nullptr) {
    return fail(ErrorCode::invalid_argument,
                std::string("expected an object of names and values, but this is of type ") +
                    document.type_name(),
                std::string(where));
  }
  for (const Variable& variable : options.variables) {
    const Value* member = find_member(document, variable.name);
    if (member == nullptr) continue;
    auto value = read(variable.type, *member);
    if (!value) {
      return fail(ErrorCode::invalid_argument,
                  "variable '" + variable.name + "' is " + describe(variable.type) +
                      ", but its value is of type " + member->type_name(),
                  std::string(where));
    }
    context.set(variable.name, std::move(*value));
  }
  return {};
}

}  // namespace rz::cond
