#include "rz/reports/writing/csv.h"

#include <algorithm>

#include "rz/base/text.h"

namespace rz::reports {
namespace {

// Those that a spreadsheet may leave out before it looks for a formula: also U+00A0, which does not
// break a line, and U+3000, which is as wide as a sign of full width.
std::string_view without_blanks(std::string_view field) {
  constexpr std::string_view kBlanks[] = {" ", "\u00A0", "\u3000"};
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view blank : kBlanks) {
      if (!field.starts_with(blank)) continue;
      field.remove_prefix(blank.size());
      found = true;
    }
  }
  return field;
}

// After OWASP's "CSV Injection". The signs of full width are read as those of ASCII.
bool is_formula(std::string_view field) {
  constexpr std::string_view kSigns[] = {"=",  "+",      "-",      "@",      "\t",    "\r",
                                         "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
  const bool begins = std::any_of(
      std::begin(kSigns), std::end(kSigns),
      [text = without_blanks(field)](std::string_view sign) { return text.starts_with(sign); });
  return begins && !parse_double(field);
}

}  // namespace

void CsvWriter::append(std::string_view field) {
  const bool formula = is_formula(field);
  const bool quoted = formula || field.find_first_of(",\"\r\n") != std::string_view::npos;
  if (!quoted) {
    line_ += field;
    return;
  }
  line_ += formula ? "\"'" : "\"";
  for (const char c : field) line_.append(c == '"' ? 2 : 1, c);
  line_ += '"';
}

void CsvWriter::row(std::span<const std::string_view> fields) {
  line_.clear();
  for (const std::string_view& field : fields) {
    if (&field != fields.data()) line_ += ',';
    if (printable_) {
      append(printable(field));
    } else {
      append(field);
    }
  }
  line_ += "\r\n";
  page_.raw(line_);
}

}  // namespace rz::reports
