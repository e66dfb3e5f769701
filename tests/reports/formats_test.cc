#include "rz/reports/formats.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace rz::reports {
namespace {

template <class Document>
bool has(std::string_view format) {
  return writer<Document>(format) != nullptr;
}

}  // namespace

TEST_CASE("each format has a name and an ending of its own, and a media type") {
  std::set<std::string_view> names;
  for (const Format& format : kFormats) {
    CHECK(names.insert(format.name).second);
    CHECK(format.media_type.find('/') != std::string_view::npos);
    CHECK(format.file_ending.starts_with('.'));
  }
}

TEST_CASE("the formats of a document are those that have a write() for it, text first") {
  constexpr auto& kNames = kNamesFor<TransitionsWriter>;
  CHECK(std::string(kNames[0]) == "text");
  for (const Format& format : kFormats) {
    const bool named = std::find(kNames.begin(), kNames.end(), format.name) != kNames.end();
    CHECK(named == has<TransitionsWriter>(format.name));
  }
  CHECK(std::string(kNamesFor<Failure>[0]) == "json");
  CHECK(!has<Failure>("text"));
  CHECK(!has<HealthReport>("csv"));
  CHECK(has<HealthReport>("junit"));
  CHECK(has<HealthReport>("health+json"));
  CHECK(!has<HealthReport>("nosuch"));
}

}  // namespace rz::reports
