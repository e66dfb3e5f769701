#include "rz/reports/formats.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace rz::reports {

TEST_CASE("each format has a name and an ending of its own, and a media type") {
  std::set<std::string_view> names;
  for (const Format& format : kFormats) {
    CHECK(names.insert(format.name).second);
    CHECK(find_format(format.name) == &format);
    CHECK(format.media_type.find('/') != std::string_view::npos);
    CHECK(format.file_ending.starts_with('.'));
  }
  CHECK(find_format("nosuch") == nullptr);
}

TEST_CASE("the formats of a document are those whose row writes it, text first") {
  const auto& names = kNamesFor<&Format::transitions>;
  CHECK(std::string(names[0]) == "text");
  for (const Format& format : kFormats) {
    const bool named = std::find(names.begin(), names.end(), format.name) != names.end();
    CHECK(named == (format.transitions != nullptr));
  }
}

}  // namespace rz::reports
