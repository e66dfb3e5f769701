#include "rz/cond/filter/record_reader.h"

#include <algorithm>

#include "rz/base/text.h"
#include "rz/cond/character.h"

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
  return "'" + visible(variable.name) + "' is " + describe(variable.type) +
         ", but its value here is " + std::string(found);
}

std::string out_of_range(const Variable& variable, std::string_view number) {
  const bool integer = number.find_first_of(".eE") == std::string_view::npos;
  return "the value of '" + visible(variable.name) + "' is out of range" +
         (integer ? ": an integer beyond 64 bits, which would be rounded" : "");
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace rz::cond
