#include "rz/reports/writing/xml.h"

#include <doctest/doctest.h>

namespace rz::reports {

TEST_CASE("an element a line, indented, each closed by its name") {
  StringPage page;
  XmlWriter xml(page);
  xml.open({"list", {{"count", "2"}}});
  xml.open({"part", {}});
  xml.add({"one", {{"a", "1"}, {"b", "2"}}});
  xml.close();
  xml.add({"two", {}}, {"within", {{"c", "3"}}});
  xml.close();
  CHECK(page.text() ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<list count=\"2\">\n"
        "  <part>\n"
        "    <one a=\"1\" b=\"2\"/>\n"
        "  </part>\n"
        "  <two><within c=\"3\"/></two>\n"
        "</list>\n");
}

TEST_CASE("a value may hold any bytes, and ends neither its attribute nor its element") {
  StringPage page;
  XmlWriter xml(page);
  xml.add({"x", {{"v", "\"/><y v='&]]>\n\x1b\xff\u202E"}}});
  CHECK(
      page.text().ends_with("<x v=\"&#34;/&#62;&#60;y v=&#39;&#38;]]&#62;&#10;\uFFFD\uFFFD"
                            "&#8238;\"/>\n"));
}

}  // namespace rz::reports
