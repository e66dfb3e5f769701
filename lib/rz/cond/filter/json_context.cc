#include "rz/cond/filter/json_context.h"

#include <algorithm>
#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/cond/filter/json_reader.h"
#include "rz/cond/filter/number.h"

namespace rz::cond {
namespace {

ConditionContext::Stored stored(const ConditionValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  if (const auto* v = std::get_if<bool>(&value)) return *v;
  if (const auto* v = std::get_if<std::int64_t>(&value)) return *v;
  if (const auto* v = std::get_if<double>(&value)) return *v;
  return std::monostate();
}

std::string place(std::string_view where, std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::string_view line = before.substr(before.rfind('\n') + 1);
  const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  });
  return std::string(where) + ":" + std::to_string(lines + 1) + ":" + std::to_string(columns + 1);
}

}  // namespace

Result<bool> set_variables_from_json(ConditionContext& context, std::span<const Variable> variables,
                                     std::string_view text, std::string_view where) {
  text = without_byte_order_mark(text);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return false;
  // A record is one line. In JSON a line feed is white space wherever it may stand, as a carriage
  // return is.
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', '\r');
  line.append(1, '\n').append(cond::kReadAhead, '\0');
  cond::JsonReader reader(variables);
  std::vector<ConditionValue> values(variables.size());
  if (reader.read(line.data() + first, values) == nullptr) {
    if (!reader.whole()) return false;
    const cond::RecordProblem& problem = reader.problem();
    const auto offset = static_cast<std::size_t>(problem.at - line.data());
    return fail(ErrorCode::invalid_argument, problem.message, place(where, text, offset));
  }
  for (std::size_t i = 0; i < variables.size(); ++i) {
    context.set(variables[i].name, stored(values[i]));
  }
  return true;
}

}  // namespace rz::cond
