#include "rz/cli/table.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

#include "rz/base/file.h"

namespace rz::cli {
namespace {

std::string printed(Table& table, bool color = false) {
  int fds[2];
  REQUIRE(::pipe(fds) == 0);
  UniqueFd reader(fds[0]);
  UniqueFd writer(fds[1]);
  {
    Output out(writer.get(), color);
    table.print(out);
    REQUIRE(out.flush().has_value());
  }
  writer.reset();
  char text[4096];
  const ssize_t n = ::read(reader.get(), text, sizeof text);
  return std::string(text, static_cast<std::size_t>(n));
}

}  // namespace

TEST_CASE("columns line up, numbers to the right, no blanks at the end of a line") {
  Table table({{"NAME"}, {"LATENCY", true}, {"MESSAGE"}});
  table.add({{"store"}, {"1.5 ms"}, {"ok"}});
  table.add({{"a longer name"}, {"12 ms"}, {""}});
  CHECK(printed(table) ==
        "NAME           LATENCY  MESSAGE\n"
        "store           1.5 ms  ok\n"
        "a longer name    12 ms\n");
}

TEST_CASE("wide characters take their columns") {
  Table table({{"A"}, {"B"}});
  table.add({{"日本"}, {"x"}});
  table.add({{"abc"}, {"y"}});
  CHECK(printed(table) == "A     B\n日本  x\nabc   y\n");
}

TEST_CASE("colour does not move a column") {
  Table table({{"A"}, {"B"}});
  table.add({{"no", "red"}, {"x"}});
  CHECK(printed(table, true) == "\x1b[2mA\x1b[0m   \x1b[2mB\x1b[0m\n\x1b[31mno\x1b[0m  x\n");
}

TEST_CASE("a pipe gets long cells whole") {
  Table table({{"A"}, {"B"}});
  const std::string longer(300, 'x');
  table.add({{"1"}, {longer}});
  CHECK(printed(table) == "A  B\n1  " + longer + "\n");
}

TEST_CASE("an empty table prints nothing") {
  int fds[2];
  REQUIRE(::pipe(fds) == 0);
  UniqueFd reader(fds[0]);
  UniqueFd writer(fds[1]);
  Output out(writer.get(), false);
  Table({{"A"}}).print(out);
  REQUIRE(out.flush().has_value());
  writer.reset();
  char byte;
  CHECK(::read(reader.get(), &byte, 1) == 0);
}

TEST_CASE("rows that come later go on below, in columns that are no narrower") {
  Table table({{"A"}, {"B"}});
  table.add({{"long one"}, {"x"}});
  CHECK(printed(table) == "A         B\nlong one  x\n");
  CHECK(table.empty());
  table.add({{"s"}, {"y"}});
  CHECK(printed(table) == "s         y\n");
  table.add({{"a longer one"}, {"z"}});
  CHECK(printed(table) == "a longer one  z\n");
}

}  // namespace rz::cli
