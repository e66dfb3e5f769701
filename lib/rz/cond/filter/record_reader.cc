#include "rz/cond/filter/record_reader.h"

#include <algorithm>

namespace rz::cond {
namespace {

const char* describe(VariableType type) {
  switch (type) {
    case VariableType::number:
    case VariableType::integer: return "a number";
    case VariableType::string: return "a string";
    case VariableType::boolean: return "true or false";
  }
  return "";
}

}  // namespace

void ValueProblems::add(std::uint32_t slot, const char* at, std::string message) {
  forget(slot);
  problems_.push_back({slot, {at, std::move(message)}});
}

void ValueProblems::forget(std::uint32_t slot) {
  std::erase_if(problems_, [&](const Entry& entry) { return entry.slot == slot; });
}

std::string wrong_type(const Variable& variable, std::string_view found) {
  return "'" + variable.name + "' is " + describe(variable.type) + ", but its value here is " +
         std::string(found);
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace rz::cond
