#include "rz/cond/character.h"

#include <doctest/doctest.h>

namespace rz::cond {

TEST_CASE("a character is named so that it can be found") {
  CHECK(name_character("x y") == "'x'");
  CHECK(name_character("äb") == "'ä'");
  CHECK(name_character("漢") == "'漢'");
  CHECK(name_character(" ") == "U+0020");
  CHECK(name_character("\x1b[2J") == "U+001B");
  CHECK(name_character("\u00a0") == "U+00A0");
  CHECK(name_character("\u200b") == "U+200B");
  CHECK(name_character("\u202e") == "U+202E");
  CHECK(name_character("\ufeff") == "U+FEFF");
  CHECK(name_character("\u0301") == "U+0301");
  CHECK(name_character("\U000E0001") == "U+E0001");
  CHECK(name_character("\xff") == "the byte 0xff");
  CHECK(name_character("\xc3") == "the byte 0xc3");
}

TEST_CASE("a text is shown with what cannot be seen in it") {
  CHECK(visible("1 2") == "1 2");
  CHECK(visible("größe 漢") == "größe 漢");
  CHECK(visible("1\u00a0") == "1<U+00A0>");
  CHECK(visible("\ufeffn") == "<U+FEFF>n");
  CHECK(visible("e\u0301") == "e\u0301");
  CHECK(visible("\x1b\xff\xc3") == "\\x1b\\xff\\xc3");
}

}  // namespace rz::cond
