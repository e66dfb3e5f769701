#include "rz/reports/writing/markdown_table.h"

#include <doctest/doctest.h>

namespace rz::reports {

TEST_CASE("a table has its titles, and columns of numbers stand to the right") {
  StringPage page;
  MarkdownTable table(page, {{"Name"}, {"Count", true}});
  table.row({"a", "1"});
  CHECK(page.text() == "| Name | Count |\n| --- | ---: |\n| a | 1 |\n");
}

TEST_CASE("nothing in a cell is taken for Markdown or HTML, ends the row, or steers a terminal") {
  CHECK(escape_markdown("plain text, 1.5") == "plain text, 1.5");
  CHECK(escape_markdown("for @team") == "for @<!-- -->team");
  CHECK(escape_markdown("a|b") == "a\\|b");
  CHECK(escape_markdown("<b>&amp;") == "\\<b\\>\\&amp;");
  CHECK(escape_markdown("`x` *y* [z](u)") == "\\`x\\` \\*y\\* \\[z\\](u)");
  CHECK(escape_markdown("\\|") == "\\\\\\|");
  CHECK(escape_markdown("one\ntwo\x1b") == "one\\\\ntwo\\\\x1b");
}

}  // namespace rz::reports
