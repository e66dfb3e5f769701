#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/fuzz_targets.h"
#include "rz/base/json.h"
#include "rz/cond/filter/json_reader.h"
#include "rz/cond/filter/number.h"

namespace rz::fuzz {
namespace {

const std::vector<Variable> kJsonVariables = {
    {"severity", VariableType::number}, {"s", VariableType::string}, {"b", VariableType::boolean}};

/// What the other reader says of the member: nothing if its value is of another type.
std::optional<ConditionValue> expected(const Value& record, const Variable& variable) {
  const Value* value = record.find(variable.name);
  if (value == nullptr || value->is_null()) return ConditionValue();
  if (variable.type == VariableType::number) {
    if (const auto* i = value->as_int()) return *i;
    if (const auto* d = value->as_double()) return *d;
  } else if (variable.type == VariableType::string) {
    if (const auto* s = value->as_string()) return std::string_view(*s);
  } else if (const auto* b = value->as_bool()) {
    return *b;
  }
  return std::nullopt;
}

void same_record(const std::string& line, const std::vector<ConditionValue>* values) {
  const auto document = parse_json(line);
  if (!document || document->as_object() == nullptr) {
    // It has no number beyond double anywhere; rz looks only at those that it needs.
    if (values != nullptr) {
      const bool number =
          !document && document.error().message.find("number overflow") != std::string::npos;
      require(number, "no record that the other reader refuses");
    }
    return;
  }
  bool good = true;
  for (std::size_t i = 0; i < kJsonVariables.size(); ++i) {
    const auto value = expected(*document, kJsonVariables[i]);
    good = good && value;
    if (values != nullptr && value) require((*values)[i] == *value, "the same value");
    // The other reader rounds an integer beyond 64 bits; rz refuses it.
    const auto* d = value ? std::get_if<double>(&*value) : nullptr;
    if (values == nullptr && d != nullptr && std::fabs(*d) >= 0x1p63) return;
  }
  require(good == (values != nullptr), "good where the other reader finds it good");
}

}  // namespace

void ndjson(std::string_view input) {
  // Of exactly the size that may be read.
  const std::size_t size = input.size() + 1 + cond::kReadAhead;
  const auto buffer = std::make_unique<char[]>(size);
  if (!input.empty()) std::memcpy(buffer.get(), input.data(), input.size());
  buffer[input.size()] = '\n';
  const char* const end = buffer.get() + input.size() + 1;

  cond::JsonReader reader(kJsonVariables);
  std::vector<ConditionValue> values(kJsonVariables.size());
  for (const char* p = buffer.get(); p < end;) {
    const char* line_feed =
        static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
    const std::string line(p, line_feed);
    if (line.find_first_not_of(" \t\r") != std::string::npos) {
      const char* stop = reader.read(p, values);
      require(stop == nullptr || stop == line_feed, "a record ends with its line");
      if (stop == nullptr) {
        const char* at = reader.problem().at;
        require(at >= p && at <= line_feed, "the problem is in the record");
      }
      same_record(line, stop == nullptr ? nullptr : &values);
    }
    p = line_feed + 1;
  }
}

}  // namespace rz::fuzz
