#include "rz/reports/writing/csv.h"

#include <doctest/doctest.h>

#include <string>

#include "reports/terminal.h"

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
  CHECK(page.text() == "\x1b[2J,\"'=1+1\",\"a\nb\"\r\n");
  Terminal terminal;
  CsvWriter(terminal).row({"\x1b[2J", "=1+1", "a\nb"});
  CHECK(terminal.text == "\\x1b[2J,\"'=1+1\",a\\nb\r\n");
}

TEST_CASE("no field is a formula of a spreadsheet, and a number stays one") {
  for (const std::string field :
       {"=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", "-",
        "\uFF1D1", "\uFF0Bx", "\uFF0Dx", "\uFF20x", " =1", "  @x", "\u00A0-x", "\u3000\uFF1D1"}) {
    StringPage page;
    CsvWriter(page).row({"a", field});
    CAPTURE(field);
    CHECK(page.text() == "a,\"'" + field + "\"\r\n");
  }
  for (const std::string field : {"-1.5", "+3", "-1e-9", "1=2", "a@b", "", " a", " 1=2"}) {
    StringPage page;
    CsvWriter(page).row({field, "b"});
    CHECK(page.text() == field + ",b\r\n");
  }
}

}  // namespace rz::reports
