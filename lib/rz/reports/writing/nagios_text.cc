#include "rz/reports/writing/nagios_text.h"

#include "rz/base/text.h"

namespace rz::reports {

std::string nagios_text(std::string_view text) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == '|') {
      safe += "\u00A6";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string nagios_label(std::string_view text) {
  std::string label = "'";
  for (const char c : printable(text)) {
    if (c == '\'') label += '\'';
    const bool reserved = c == '=' || c == '|' || (c == ':' && label.back() == ':');
    label += reserved ? '_' : c;
  }
  return label + "'";
}

std::string perfdata_item(const std::string& label, const Measurement& measured) {
  std::string item = label + "=";
  const std::string value = measured.value ? plain_number(*measured.value) : "U";
  item += value;
  if (value != "U") item += measured.unit;
  item +=
      ";" + measured.warning + ";" + measured.critical + ";" + measured.min + ";" + measured.max;
  return item.substr(0, item.find_last_not_of(';') + 1);
}

}  // namespace rz::reports
