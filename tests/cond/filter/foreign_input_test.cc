#include "rz/cond/filter/foreign_input.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace rz::cond {
namespace {

using namespace std::string_view_literals;

TEST_CASE("archives and other formats are named, with what to do") {
  CHECK(foreign_file("\xfd\x37\x7a\x58\x5a\x00rest"sv)->find("xz -dc") != std::string::npos);
  CHECK(foreign_file("PK\x03\x04"sv)->find("unzip -p") != std::string::npos);
  CHECK(foreign_file("SQLite format 3\0"sv)->find("SQLite") != std::string::npos);
  CHECK(foreign_file("BZh9x")->find("bzip2") != std::string::npos);
}

TEST_CASE("text of any kind may be records") {
  CHECK_FALSE(foreign_file(""));
  CHECK_FALSE(foreign_file("{\"a\":1}\n"));
  CHECK_FALSE(foreign_file("BZh,name\n1,2\n"));
  CHECK_FALSE(foreign_file("gr\xc3\xbc\xc3\x9f,e\n"));
}

TEST_CASE("UTF-16 is known by its mark, or by its zeros") {
  CHECK(foreign_file("\xff\xfe{\0"sv)->find("iconv") != std::string::npos);
  CHECK(foreign_file("\0{\0\"\0a\0\"\0:"sv));
  CHECK_FALSE(foreign_file("\0\0\0\0\0\0\0\0"sv));
}

TEST_CASE("a hint about the first record says which format it looks like") {
  CHECK(hint_for_first_record("{\"a\":1}\n", RecordFormat::csv) ==
        "; this looks like NDJSON: try --input ndjson");
  CHECK(hint_for_first_record("a,b\n1,2\n", RecordFormat::ndjson) ==
        "; this looks like CSV: try --input csv");
  CHECK(hint_for_first_record("a;b\n", RecordFormat::ndjson) ==
        "; this looks like CSV: try --input csv, with --delimiter");
  CHECK(hint_for_first_record("{\n", RecordFormat::ndjson).find("jq -c .") != std::string::npos);
  CHECK(hint_for_first_record("[{\"a\":1}]\n", RecordFormat::ndjson).find(".[]") !=
        std::string::npos);
  CHECK(hint_for_first_record("{\"a\":1,}\n", RecordFormat::ndjson) == "");
}

}  // namespace
}  // namespace rz::cond
