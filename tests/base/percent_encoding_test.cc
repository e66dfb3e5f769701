#include "rz/base/percent_encoding.h"

#include <doctest/doctest.h>

#include <string>

namespace rz {
namespace {

TEST_CASE("each byte that is not plain becomes its two hexadecimal digits") {
  CHECK(percent_encode("", "") == "");
  CHECK(percent_encode("aZ09", "") == "aZ09");
  CHECK(percent_encode("a b/c?d%", "") == "a%20b%2Fc%3Fd%25");
  CHECK(percent_encode(std::string("\0\n\x7f", 3), "") == "%00%0A%7F");
}

TEST_CASE("what was encoded is decoded, and a % without its digits is refused") {
  const std::string all("a \0%/\xc3\xbc", 7);
  CHECK(percent_decode(percent_encode(all, "")) == all);
  CHECK(percent_decode("%2f%2F") == "//");
  for (const char* wrong : {"%", "%2", "a%zz", "%2g"}) CHECK_FALSE(percent_decode(wrong));
}

TEST_CASE("what is allowed besides, and names in UTF-8, stay") {
  CHECK(percent_encode("a/b.c", "/.") == "a/b.c");
  CHECK(percent_encode("gr\xc3\xbc\xc3\x9f/e", "") == "gr\xc3\xbc\xc3\x9f%2Fe");
}

TEST_CASE("what was encoded is decoded, and half a byte is refused") {
  CHECK(percent_decode("a%20b%2Fc%3fd%25") == "a b/c?d%");
  CHECK(percent_decode("%00") == std::string(1, '\0'));
  for (const char* wrong : {"%", "a%2", "%g0", "%0g"}) CHECK_FALSE(percent_decode(wrong));
}

}  // namespace
}  // namespace rz
