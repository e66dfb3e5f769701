#pragma once

#include <map>
#include <string>
#include <string_view>

namespace rz::testing {

/// An entry of a manual page: `.BR KEY " (TYPE)"` and the paragraph under it, without markup.
struct ManualEntry {
  std::string type;
  std::string text;
};

/// The key reference of a manual page.
struct Manual {
  std::map<std::string, std::string> sections;  ///< The first paragraph of each `.SS`, or "".
  std::map<std::string, ManualEntry> entries;   ///< By `SECTION KEY`.
};

Manual read_manual(std::string_view page);

}  // namespace rz::testing
