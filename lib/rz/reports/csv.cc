#include "rz/reports/csv.h"

#include "rz/base/text.h"

namespace rz::reports {

void CsvWriter::append(std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    line_ += field;
    return;
  }
  line_ += '"';
  for (const char c : field) line_.append(c == '"' ? 2 : 1, c);
  line_ += '"';
}

void CsvWriter::row(std::span<const std::string> fields) {
  line_.clear();
  for (const std::string& field : fields) {
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
