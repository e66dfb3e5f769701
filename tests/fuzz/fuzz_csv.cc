#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/fuzz_targets.h"
#include "rz/base/text.h"
#include "rz/cond/filter/csv_reader.h"
#include "rz/cond/filter/number.h"

namespace rz::fuzz {
namespace {

const std::vector<Variable> kCsvVariables = {{"s", VariableType::string},
                                             {"n", VariableType::number}};

/// A record as one reads it that looks at one byte after the other.
struct SlowRecord {
  bool good = true;
  std::size_t size = 0;  ///< Its line feed among it; up to the first one if it is not good.
  std::vector<std::string> fields;
  std::vector<bool> quoted;
};

SlowRecord slow_record(std::string_view text, char delimiter) {
  SlowRecord record;
  const auto bad = [&] {
    record.good = false;
    record.size = text.find('\n') + 1;
    return record;
  };
  std::size_t i = 0;
  for (;;) {
    std::string field;
    bool quoted = text[i] == '"';
    if (quoted) {
      for (++i;; ++i) {
        if (i == text.size()) return bad();
        if (text[i] != '"') {
          field += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == '"') {
          field += text[i++];
        } else {
          break;
        }
      }
      ++i;
      if (text.substr(i, 2) == "\r\n") ++i;
      if (text[i] != delimiter && text[i] != '\n') return bad();
    } else {
      for (; text[i] != delimiter && text[i] != '\n'; ++i) {
        if (text[i] == '"') return bad();
        field += text[i];
      }
      if (text[i] == '\n' && field.ends_with('\r')) field.pop_back();
    }
    record.fields.push_back(field);
    record.quoted.push_back(quoted);
    if (text[i] == '\n') break;
    ++i;
  }
  record.size = i + 1;
  return record;
}

}  // namespace

void csv(std::string_view input) {
  const char delimiter = input.empty() || input[0] != ';' ? ',' : ';';
  const std::size_t size = input.size() + 1;
  const auto buffer = std::make_unique<char[]>(size + cond::kReadAhead);
  if (!input.empty()) std::memcpy(buffer.get(), input.data(), input.size());
  buffer[size - 1] = '\n';
  const std::string_view text(buffer.get(), size);

  cond::CsvHeader header;
  header.slots = {0, 1, cond::CsvHeader::kUnnamed};
  cond::CsvReader reader(kCsvVariables, delimiter);
  reader.start(text, &header);
  std::vector<ConditionValue> values(kCsvVariables.size());
  for (std::size_t at = 0; at < size;) {
    const SlowRecord slow = slow_record(text.substr(at), delimiter);
    const bool good = reader.read(text.data() + at, values);
    require(reader.next() == text.data() + at + slow.size, "a record ends where it ends");
    const std::string_view record = text.substr(at, slow.size);
    const bool whole = slow.good && slow.fields.size() == 3 && !find_invalid_utf8(record);
    require(!good || whole, "no record that is none");
    if (!good) {
      const char* problem = reader.problem().at;
      require(problem != nullptr, "a reason");
    } else {
      const auto* text_value = std::get_if<std::string_view>(&values[0]);
      const bool empty = slow.fields[0].empty() && !slow.quoted[0];
      require((text_value == nullptr) == empty, "an empty field is not a value");
      if (text_value != nullptr) require(*text_value == slow.fields[0], "the same text");
      const auto d = parse_double(trim(slow.fields[1]));
      const bool number = !std::holds_alternative<std::monostate>(values[1]);
      require(number || trim(slow.fields[1]).empty(), "no number lost");
      if (const auto* value = std::get_if<double>(&values[1]); value != nullptr && d) {
        require(*value == *d, "the same number");
      }
    }
    at += slow.size;
  }
}

}  // namespace rz::fuzz
