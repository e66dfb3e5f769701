#include "rz/reports/formats.h"

namespace rz::reports {

const Format* find_format(std::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

}  // namespace rz::reports
