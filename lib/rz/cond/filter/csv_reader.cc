#include "rz/cond/filter/csv_reader.h"

#include <algorithm>
#include <cstring>
#include <optional>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "rz/base/text.h"
#include "rz/cond/character.h"
#include "rz/cond/filter/number.h"

namespace rz::cond {
namespace {

bool is_ascii(std::string_view text) {
  unsigned char high = 0;
  for (const char c : text) high |= static_cast<unsigned char>(c);
  return high < 0x80;
}

std::string undouble(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    result += text[i];
    if (text[i] == '"') ++i;
  }
  return result;
}

// A number that is out of range is not the same error as text that is not a number.
std::string problem_of(const Variable& variable, std::string_view text) {
  if (variable.type != VariableType::boolean) {
    const std::string padded = std::string(text).append(kReadAhead, '\n');
    NumberState state;
    const char* const end = read_number(padded.data(), nullptr, state);
    if (state == NumberState::ok && end == padded.data() + text.size()) {
      return out_of_range(variable, text);
    }
  }
  return wrong_type(variable, "'" + ellipsize(visible(text), 40) + "'");
}

std::optional<ConditionValue> boolean_in_any_case(std::string_view text) {
  if (equals_ignore_case(text, "true")) return true;
  if (equals_ignore_case(text, "false")) return false;
  return std::nullopt;
}

}  // namespace

void CsvCursor::load(const char* block) {
  block_ = block;
#ifdef __SSE2__
  const __m128i delimiter = _mm_set1_epi8(delimiter_);
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i line_feed = _mm_set1_epi8('\n');
  const auto part = [&](int offset) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + offset));
    const __m128i found =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, delimiter), _mm_cmpeq_epi8(bytes, quote)),
                     _mm_cmpeq_epi8(bytes, line_feed));
    return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(found))) << offset;
  };
  mask_ = part(0) | part(16) | part(32) | part(48);
#else
  mask_ = 0;
  for (unsigned i = 0; i < 64; ++i) {
    const bool found = block[i] == delimiter_ || block[i] == '"' || block[i] == '\n';
    mask_ |= static_cast<std::uint64_t>(found) << i;
  }
#endif
}

void CsvReader::start(std::string_view text, const CsvHeader* header) {
  text_ = text;
  header_ = header;
  ascii_ = header == nullptr || is_ascii(text);
  cursor_ = CsvCursor(text.data(), delimiter_);
  next_ = text.data();
}

bool CsvReader::read(const char* begin, std::span<ConditionValue> values) {
  values_ = values;
  std::fill(values.begin(), values.end(), ConditionValue());
  if (!unescaped_.empty()) unescaped_.clear();
  unclosed_ = false;
  if (begin != next_) cursor_.seek(begin);
  next_ = begin;
  line_count_ = 1;

  std::size_t column = 0;
  const char* end;
  for (const char* field = begin;; ++column) {
    end = cursor_.next();
    if (*end == '"') {
      if (end != field) return fail(end, "a quote inside a field that does not begin with one");
      end = read_quoted(field, column);
      if (end == nullptr) return false;
    } else {
      set(column, field, end);
    }
    if (*end == '\n') break;
    field = end + 1;
  }
  next_ = end + 1;

  if (header_ == nullptr) return true;
  if (!ascii_) {
    const std::string_view record(begin, static_cast<std::size_t>(end - begin));
    if (const auto invalid = find_invalid_utf8(record)) {
      return refuse(begin + *invalid, "a byte that is not UTF-8");
    }
  }
  missing_fields_ = 0;
  if (column + 1 != header_->slots.size() && !may_lack_fields(begin, column + 1)) return false;
  whole_ = true;
  if (!value_problems_.empty()) {
    problem_ = value_problems_.first();
    value_problems_.clear();
    return false;
  }
  return true;
}

bool CsvReader::may_lack_fields(const char* begin, std::size_t fields) {
  const std::size_t columns = header_->slots.size();
  const bool lacks = fields < columns;
  if (lacks && fill_) {
    missing_fields_ = columns - fields;
    return true;
  }
  return refuse(begin, "the number of fields is " + std::to_string(fields) +
                           ", but the header has " + std::to_string(columns) +
                           (lacks ? "; --fill takes those as missing" : ""));
}

// A record whose end is known, but which is not what the header says.
bool CsvReader::refuse(const char* at, std::string message) {
  problem_ = {at, std::move(message)};
  value_problems_.clear();
  whole_ = false;
  return false;
}

// Returns the separator or line feed behind the field.
const char* CsvReader::read_quoted(const char* field, std::size_t column) {
  const char* const text_end = text_.data() + text_.size();
  const char* p = field + 1;
  bool doubled = false;
  for (;;) {
    p = static_cast<const char*>(std::memchr(p, '"', static_cast<std::size_t>(text_end - p)));
    if (p == nullptr) {
      unclosed_ = true;
      fail(field, "a quoted field that is not closed");
      return nullptr;
    }
    if (p[1] != '"') break;
    doubled = true;
    p += 2;
  }
  const std::string_view text(field + 1, static_cast<std::size_t>(p - field - 1));
  line_count_ += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  set_quoted(column, text, doubled);
  ++p;
  if (*p == '\r' && p[1] == '\n') ++p;
  if (*p != delimiter_ && *p != '\n') {
    fail(p, "there is more behind the closing quote of a field");
    return nullptr;
  }
  cursor_.seek(p);
  return cursor_.next();
}

inline void CsvReader::set(std::size_t column, const char* begin, const char* end) {
  if (header_ == nullptr || column >= header_->slots.size()) return;
  const std::uint32_t slot = header_->slots[column];
  if (slot == CsvHeader::kUnnamed) return;
  if (*end == '\n' && end != begin && end[-1] == '\r') --end;
  if (begin == end) return;
  const VariableType type = variables_[slot].type;
  if (type == VariableType::number || type == VariableType::integer) {
    NumberState state;
    if (read_number(begin, &values_[slot], state) == end && state == NumberState::ok) return;
    values_[slot] = {};
  }
  set_text(slot, {begin, static_cast<std::size_t>(end - begin)});
}

void CsvReader::set_quoted(std::size_t column, std::string_view text, bool doubled) {
  if (header_ == nullptr || column >= header_->slots.size()) return;
  const std::uint32_t slot = header_->slots[column];
  if (slot == CsvHeader::kUnnamed) return;
  if (doubled) text = unescaped_.emplace_front(undouble(text));
  set_text(slot, text);
}

void CsvReader::set_text(std::uint32_t slot, std::string_view text) {
  const VariableType type = variables_[slot].type;
  if (type == VariableType::string) {
    values_[slot] = text;
    return;
  }
  // Also the forms that spreadsheets write and JSON does not allow: `+5`, `.5`, `1.`, blanks
  // around, and empty quotes.
  const std::string_view word = trim(text);
  if (word.empty()) return;
  const auto value = type == VariableType::boolean ? boolean_in_any_case(word) : parse_number(word);
  if (value) {
    values_[slot] = *value;
  } else {
    value_problems_.add(slot, text.data(), problem_of(variables_[slot], word));
  }
}

// The record ends with its first line.
bool CsvReader::fail(const char* at, std::string message) {
  const std::string_view rest = text_.substr(static_cast<std::size_t>(next_ - text_.data()));
  next_ += rest.find('\n') + 1;
  cursor_.seek(next_);
  line_count_ = 1;
  return refuse(at, std::move(message));
}

Result<std::vector<std::string>> split_csv_record(std::string_view record, char delimiter) {
  std::vector<std::string> fields(1);
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (record[i] == delimiter) {
      fields.emplace_back();
    } else if (record[i] == '\r') {
      // All of a file whose lines end so would be one header, without a record.
      return rz::fail(ErrorCode::parse,
                      "a carriage return (CR) within a line; lines end with LF or CRLF, so try: "
                      "tr '\\r' '\\n'");
    } else if (record[i] != '"') {
      fields.back() += record[i];
    } else {
      const bool first = i == 0 || record[i - 1] == delimiter;
      std::size_t end = i + 1;
      while (end < record.size() && (record[end] != '"' || record.substr(end, 2) == "\"\"")) {
        end += record[end] == '"' ? 2 : 1;
      }
      const bool closed = end < record.size();
      const bool last = closed && (end + 1 == record.size() || record[end + 1] == delimiter);
      if (!first || !last) {
        return rz::fail(ErrorCode::parse, "a quote that does not open or close a field");
      }
      fields.back() = undouble(record.substr(i + 1, end - i - 1));
      i = end;
    }
  }
  return fields;
}

namespace {

Result<void> find_columns(CsvHeader& header, std::span<const Variable> variables,
                          const std::vector<bool>& needed) {
  std::vector<bool> found(variables.size());
  for (const std::string& name : header.names) {
    const auto variable =
        std::find_if(variables.begin(), variables.end(),
                     [&](const Variable& candidate) { return candidate.name == name; });
    std::uint32_t slot = CsvHeader::kUnnamed;
    if (variable != variables.end()) {
      slot = static_cast<std::uint32_t>(variable - variables.begin());
      if (found[slot]) {
        return rz::fail(ErrorCode::parse, "two columns are named '" + visible(name) + "'");
      }
      found[slot] = true;
    }
    header.slots.push_back(slot);
  }
  for (std::size_t slot = 0; slot < variables.size(); ++slot) {
    if (found[slot] || !needed[slot]) continue;
    return rz::fail(ErrorCode::not_found, "no column is called '" + visible(variables[slot].name) +
                                              "'; the columns are " +
                                              ellipsize(visible(join(header.names, ", ")), 200));
  }
  return {};
}

}  // namespace

Result<CsvHeader> read_csv_header(std::string_view record, std::span<const Variable> variables,
                                  char delimiter, const std::vector<bool>& needed) {
  auto names = split_csv_record(without_line_end(record), delimiter);
  if (!names) return rz::fail(std::move(names).error());
  CsvHeader header;
  header.record = record;
  header.names = std::move(*names);
  const std::string_view text = without_line_end(record);
  header.line_count = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (auto found = find_columns(header, variables, needed); !found) {
    return rz::fail(std::move(found).error());
  }
  return header;
}

Result<CsvHeader> numbered_csv_header(std::string_view first_record,
                                      std::span<const Variable> variables, char delimiter,
                                      const std::vector<bool>& needed) {
  const auto fields = split_csv_record(without_line_end(first_record), delimiter);
  if (!fields) return rz::fail(fields.error());
  CsvHeader header;
  header.line_count = 0;
  for (std::size_t i = 1; i <= fields->size(); ++i) header.names.push_back("c" + std::to_string(i));
  if (auto found = find_columns(header, variables, needed); !found) {
    return rz::fail(std::move(found).error());
  }
  return header;
}

}  // namespace rz::cond
