#include "rz/reports/writing/csv.h"

#include <algorithm>

#include "rz/base/text.h"

namespace rz::reports {
namespace {

// After OWASP's "CSV Injection". The signs of full width are read as those of ASCII.
bool is_formula(std::string_view field) {
  constexpr std::string_view kSigns[] = {"=",  "+",      "-",      "@",      "\t",    "\r",
                                         "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
  const bool begins = std::any_of(std::begin(kSigns), std::end(kSigns),
                                  [&](std::string_view sign) { return field.starts_with(sign); });
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
