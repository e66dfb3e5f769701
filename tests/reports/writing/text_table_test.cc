#include "rz/reports/writing/text_table.h"

#include <doctest/doctest.h>

#include <string>

namespace rz::reports {
namespace {

class ColorPage final : public Page {
 public:
  void raw(std::string_view bytes) override { text += bytes; }
  bool color() const override { return true; }
  std::string text;
};

/// Forty columns of a terminal.
class NarrowPage final : public Page {
 public:
  void raw(std::string_view bytes) override { text += bytes; }
  bool terminal() const override { return true; }
  int width() const override { return 40; }
  bool whole() const override { return shows_whole; }
  std::string text;
  bool shows_whole = false;
};

std::string printed(TextTable& table) {
  StringPage page;
  table.print(page);
  return page.text();
}

}  // namespace

TEST_CASE("columns line up, numbers to the right, no blanks at the end of a line") {
  TextTable table({{"NAME"}, {"LATENCY", true}, {"MESSAGE"}});
  table.add({{"store"}, {"1.5 ms"}, {"ok"}});
  table.add({{"a longer name"}, {"12 ms"}, {""}});
  CHECK(printed(table) ==
        "NAME           LATENCY  MESSAGE\n"
        "store           1.5 ms  ok\n"
        "a longer name    12 ms\n");
}

TEST_CASE("wide characters take their columns") {
  TextTable table({{"A"}, {"B"}});
  table.add({{"日本"}, {"x"}});
  table.add({{"abc"}, {"y"}});
  CHECK(printed(table) == "A     B\n日本  x\nabc   y\n");
}

TEST_CASE("colour does not move a column") {
  TextTable table({{"A"}, {"B"}});
  table.add({{"no", Color::red}, {"x"}});
  ColorPage page;
  table.print(page);
  CHECK(page.text == "\x1b[2mA\x1b[0m   \x1b[2mB\x1b[0m\n\x1b[31mno\x1b[0m  x\n");
}

TEST_CASE("a pipe gets long cells whole") {
  TextTable table({{"A"}, {"B"}});
  const std::string longer(300, 'x');
  table.add({{"1"}, {longer}});
  CHECK(printed(table) == "A  B\n1  " + longer + "\n");
}

TEST_CASE("a terminal gets the last column cut to what is left") {
  TextTable table({{"A"}, {"B"}});
  table.add({{"1"}, {std::string(300, 'x')}});
  NarrowPage page;
  table.print(page);
  CHECK(page.text == "A  B\n1  " + std::string(36, 'x') + "…\n");
}

TEST_CASE("a column that may shrink gives up its room before the last one does") {
  const auto on_terminal = [](std::size_t length, const std::string& behind) {
    TextTable table({{.title = "A", .shrink = true}, {"B", true}, {"C", false, true}});
    table.add({{std::string(length, 'x')}, {"12"}, {behind}});
    NarrowPage page;
    table.print(page);
    return page.text.substr(page.text.find('\n') + 1);
  };
  CHECK(on_terminal(20, "ok") == std::string(20, 'x') + "  12  ok\n");
  CHECK(on_terminal(60, "ok") == std::string(31, 'x') + "…  12  ok\n");
  // The last column has twenty columns of its own, and what it then needs is wrapped.
  CHECK(on_terminal(60, std::string(19, 'y') + " zz") == std::string(13, 'x') + "…  12  " +
                                                             std::string(19, 'y') + "\n" +
                                                             std::string(20, ' ') + "zz\n");
  TextTable table({{.title = "A", .shrink = true}, {"B"}});
  table.add({{std::string(60, 'x')}, {"y"}});
  CHECK(printed(table) == "A" + std::string(61, ' ') + "B\n" + std::string(60, 'x') + "  y\n");
}

TEST_CASE("a terminal that is to show everything gets what is left in further lines") {
  TextTable table({{"A"}, {"B"}});
  table.add({{"1"}, {std::string(36, 'x') + " " + std::string(10, 'y')}});
  table.add({{"2"}, {"z"}});
  NarrowPage page;
  page.shows_whole = true;
  table.print(page);
  CHECK(page.text ==
        "A  B\n1  " + std::string(36, 'x') + "\n   " + std::string(10, 'y') + "\n2  z\n");
}

TEST_CASE(
    "a table that continues another one has no titles, and columns of a width that was said") {
  TextTable table({{"A"}, {"B"}});
  table.omit_titles();
  table.reserve_width(0, 4);
  table.add({{"1"}, {"x"}});
  CHECK(printed(table) == "1     x\n");
}

TEST_CASE("a cell may hold any bytes, and takes the columns of what is shown") {
  TextTable table({{"A"}, {"B"}});
  table.add({{"\x1b[2J"}, {"one\ntwo"}});
  CHECK(printed(table) == "A        B\n\\x1b[2J  one\\ntwo\n");
}

TEST_CASE("an empty table prints nothing") {
  TextTable table({{"A"}});
  CHECK(printed(table) == "");
}

TEST_CASE("rows that come later go on below, in columns that are no narrower") {
  TextTable table({{"A"}, {"B"}});
  table.add({{"long one"}, {"x"}});
  CHECK(printed(table) == "A         B\nlong one  x\n");
  CHECK(table.empty());
  table.add({{"s"}, {"y"}});
  CHECK(printed(table) == "s         y\n");
  table.add({{"a longer one"}, {"z"}});
  CHECK(printed(table) == "a longer one  z\n");
}

TEST_CASE("a column that wraps goes on below itself on a terminal, between words where it can") {
  const auto on_terminal = [](const std::string& text) {
    TextTable table({{"STATUS"}, {"TEXT", false, true}});
    table.add({{"unhealthy", Color::red}, {text}});
    NarrowPage page;
    table.print(page);
    return page.text.substr(page.text.find('\n') + 1);
  };
  const std::string indent(11, ' ');
  CHECK(on_terminal("no answer") == "unhealthy  no answer\n");
  CHECK(on_terminal("the cause, and behind it a long address") ==
        "unhealthy  the cause, and behind it a\n" + indent + "long address\n");
  CHECK(on_terminal(std::string(29, 'x') + " y") ==
        "unhealthy  " + std::string(29, 'x') + "\n" + indent + "y\n");
  CHECK(on_terminal(std::string(60, 'x')) == "unhealthy  " + std::string(29, 'x') + "\n" + indent +
                                                 std::string(29, 'x') + "\n" + indent + "xx\n");
  CHECK(on_terminal("   ") == "unhealthy\n");
  TextTable table({{"A"}, {"TEXT", false, true}});
  table.add({{"x"}, {std::string(60, 'y') + " z"}});
  CHECK(printed(table) == "A  TEXT\nx  " + std::string(60, 'y') + " z\n");
}

TEST_CASE("a note stands below its row, escaped, and is cut where the terminal ends") {
  const auto noted = [](Page& page) {
    TextTable table({{"A"}, {"B"}});
    table.add({{"1"}, {"2"}});
    table.add({{"3"}, {"4"}});
    table.note("why: \x1b and much more than forty columns can show");
    table.add({{"5"}, {"6"}});
    table.print(page);
  };
  StringPage page;
  noted(page);
  CHECK(page.text() ==
        "A  B\n1  2\n3  4\n  why: \\x1b and much more than forty columns can show\n5  6\n");
  NarrowPage narrow;
  noted(narrow);
  CHECK(narrow.text == "A  B\n1  2\n3  4\n  why: \\x1b and much more than forty co…\n5  6\n");
}

}  // namespace rz::reports
