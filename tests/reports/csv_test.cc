#include "rz/reports/csv.h"

#include <doctest/doctest.h>

#include "terminal.h"

namespace rz::reports {

using testing::Terminal;

TEST_CASE("a field is quoted where RFC 4180 wants it, and its quotes are doubled") {
  StringPage page;
  CsvWriter csv(page);
  csv.row({"plain", "", "a,b", "say \"no\"", "two\r\nlines", " blank "});
  CHECK(page.text() == "plain,,\"a,b\",\"say \"\"no\"\"\",\"two\r\nlines\", blank \r\n");
}

TEST_CASE("the bytes of the data stay in a file, but steer no terminal") {
  StringPage page;
  CsvWriter(page).row({"\x1b[2J", "=1+1", "a\nb"});
  CHECK(page.text() == "\x1b[2J,=1+1,\"a\nb\"\r\n");
  Terminal terminal;
  CsvWriter(terminal).row({"\x1b[2J", "=1+1", "a\nb"});
  CHECK(terminal.text == "\\x1b[2J,=1+1,a\\nb\r\n");
}

}  // namespace rz::reports
