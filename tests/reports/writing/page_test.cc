#include "rz/reports/writing/page.h"

#include <doctest/doctest.h>

#include "reports/terminal.h"

namespace rz::reports {

using testing::Terminal;

TEST_CASE("a line is made of pieces, and no bytes of theirs steer a terminal or end it") {
  StringPage page;
  page.line("a ", std::string("\x1b[2J"), ": ", 3, " of ", std::size_t{4}, "\n");
  CHECK(page.text() == "a \\x1b[2J: 3 of 4\\n\n");
}

TEST_CASE("raw bytes stay as they are") {
  StringPage page;
  page.raw("\x1b[2J\n");
  CHECK(page.text() == "\x1b[2J\n");
}

TEST_CASE("a painted piece is printable and has its colour only where the page has colours") {
  Terminal plain(false);
  Terminal colored(true);
  for (Terminal* page : {&plain, &colored}) {
    page->line(Painted{"x\x1b", Color::red}, Painted{"y"});
  }
  CHECK(plain.text == "x\\x1by\n");
  CHECK(colored.text == "\x1b[31mx\\x1b\x1b[0my\n");
}

TEST_CASE("a document is one line, and indented on a terminal") {
  const Value document = Value::object({{"k", "\x1b"}});
  StringPage page;
  page.json(document);
  CHECK(page.text() == "{\"k\":\"\\u001b\"}\n");
  Terminal terminal(false);
  terminal.json(document);
  CHECK(terminal.text == "{\n  \"k\": \"\\u001b\"\n}\n");
}

}  // namespace rz::reports
