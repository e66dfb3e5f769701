#include "rz/reports/annotation.h"

#include "rz/base/text.h"

namespace rz::reports {
namespace {

// GitHub cuts long ones.
constexpr std::size_t kAnnotationColumns = 1'000;

}  // namespace

std::string annotation_text(std::string_view text) {
  std::string escaped;
  for (const char c : ellipsize(printable(text), kAnnotationColumns)) {
    if (c == '%') {
      escaped += "%25";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string annotation_property(std::string_view text) {
  std::string escaped;
  for (const char c : annotation_text(text)) {
    if (c == ':') {
      escaped += "%3A";
    } else if (c == ',') {
      escaped += "%2C";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace rz::reports
