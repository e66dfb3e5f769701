#include "rz/reports/writing/github_commands.h"

#include <fmt/format.h>

#include "rz/base/text.h"

namespace rz::reports {
namespace {

// GitHub cuts long ones.
constexpr std::size_t kAnnotationColumns = 1'000;

}  // namespace

// `%` is how the runner writes line breaks, which printable() has replaced.
std::string github_text(std::string_view text) {
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

// A property ends at `,`, and all of them at `::`.
std::string github_property(std::string_view text) {
  std::string escaped;
  for (const char c : github_text(text)) {
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

std::string github_command(std::string_view command, std::string_view title,
                           std::string_view text) {
  return fmt::format("::{} title={}::{}\n", command, github_property(title), github_text(text));
}

}  // namespace rz::reports
