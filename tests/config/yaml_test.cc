#include "rz/config/yaml.h"

#include <doctest/doctest.h>

namespace rz::config {

TEST_CASE("every diagnostic of a text is found in one reading") {
  const YamlDocument document = read_yaml("a: 1\na: 2\nb: *x\n");
  REQUIRE(document.diagnostics.size() == 2);
  CHECK(document.diagnostics[0].place == Place{2, 1});
  CHECK(document.diagnostics[1].place == Place{3, 4});
  CHECK(!document.complete);
}

TEST_CASE("places are exact on long lines and after what takes more than a byte") {
  const YamlDocument document = read_yaml("{ä: [ö, \"ü\"], b: 1,\n  c: }");
  REQUIRE(document.complete);
  const auto& members = document.root.members;
  REQUIRE(members.size() == 3);
  CHECK(members[0].value.items[1].place == Place{1, 9});
  CHECK(members[1].place == Place{1, 15});
  CHECK(members[2].value.place == Place{2, 6});
  const YamlDocument empty = read_yaml("a:\n\n\nb: 1\n");
  CHECK(empty.root.members[0].value.place == Place{1, 1});
}

}  // namespace rz::config
