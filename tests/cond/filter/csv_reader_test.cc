#include "rz/cond/filter/csv_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rz/cond/filter/number.h"

namespace rz::cond {
namespace {

const std::vector<Variable> kCsvVariables = {
    {"n", VariableType::number}, {"s", VariableType::string}, {"b", VariableType::boolean}};

const std::vector<bool> kNone(kCsvVariables.size(), false);
const std::vector<bool> kAll(kCsvVariables.size(), true);

/// All records of a text under the header `n,s,b,x`, one a line; lines that are wrong with the
/// offset of the problem in the text.
std::string read_csv(std::string text, char delimiter = ',') {
  CsvHeader header;
  header.slots = {0, 1, 2, CsvHeader::kUnnamed};
  const std::size_t size = text.size();
  text.append(kReadAhead, '"');
  CsvReader reader(kCsvVariables, delimiter);
  reader.start({text.data(), size}, &header);
  std::vector<ConditionValue> values(kCsvVariables.size());
  std::string result;
  for (const char* p = text.data(); p < text.data() + size; p = reader.next()) {
    if (!result.empty()) result += "; ";
    if (!reader.read(p, values)) {
      const RecordProblem& problem = reader.problem();
      result += std::to_string(problem.at - text.data()) + ": " + problem.message;
      continue;
    }
    std::string record;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::holds_alternative<std::monostate>(values[i])) continue;
      record += (record.empty() ? "" : " ") + kCsvVariables[i].name + "=" + to_string(values[i]);
    }
    result += record;
  }
  return result;
}

}  // namespace

TEST_CASE("values by column; an empty field is not a value") {
  CHECK(read_csv("1,a,true,\n") == R"(n=1 s="a" b=true)");
  CHECK(read_csv("1.5,,FALSE,z\r\n-2,\" \",,\r\n") == R"(n=1.5 b=false; n=-2 s=" ")");
  CHECK(read_csv(",,,\n") == "");
  CHECK(read_csv(",\"\",,\n") == R"(s="")");
  CHECK(read_csv("+5,a,,\n.5,a,,\n1.,a,,\n 7 ,a,,\n1e3,a,,\n") ==
        R"(n=5 s="a"; n=0.5 s="a"; n=1.0 s="a"; n=7 s="a"; n=1000.0 s="a")");
  CHECK(read_csv("1\ta,b\ttrue\t\n", '\t') == R"(n=1 s="a,b" b=true)");
}

TEST_CASE("nothing in quotes is neither a number nor a boolean, but a string") {
  CHECK(read_csv("\"\",\"\",\"\",\n") == R"(s="")");
  CHECK(read_csv("  ,\" \",\"  \",\n") == R"(s=" ")");
}

TEST_CASE("an integer beyond 64 bits is not rounded, quoted or not; underflow is zero") {
  const std::string message =
      "the value of 'n' is out of range: an integer beyond 64 bits, which would be rounded";
  CHECK(read_csv("18446744073709551615,,,\n") == "0: " + message);
  CHECK(read_csv("\"18446744073709551615\",,,\n") == "1: " + message);
  CHECK(read_csv("1e-400,,,\n\"1e-400\",,,\n 1e-400,,,\n") == "n=0.0; n=0.0; n=0.0");
}

TEST_CASE("quoted fields") {
  CHECK(read_csv("\"1\",\"a,b\",\"true\",\"\"\n") == R"(n=1 s="a,b" b=true)");
  CHECK(read_csv("1,\"say \"\"hi\"\"\",,\r\n2,\"x\",,\"\"\"\"\n") ==
        "n=1 s=\"say \\\"hi\\\"\"; n=2 s=\"x\"");
  CHECK(read_csv("1,\"two\nlines\",,\n2,,,\n") == "n=1 s=\"two\\nlines\"; n=2");
}

TEST_CASE("a wrong record ends with its first line, and the next one is read") {
  CHECK(read_csv("1,a\"b,,\n2,,,\n") ==
        "3: a quote inside a field that does not begin with one; n=2");
  CHECK(read_csv("1,\"a\"b,,\n2,,,\n") ==
        "5: there is more behind the closing quote of a field; n=2");
  CHECK(read_csv("1,\"a,,\n2,,,\n3,,,\n") == "2: a quoted field that is not closed; n=2; n=3");
  CHECK(read_csv("1,\"a\n\"b,,,\n2,,,\n") ==
        "6: there is more behind the closing quote of a field; 5: a quoted field that is not "
        "closed; n=2");
  CHECK(read_csv("1,a\n2,,,\n") ==
        "0: the number of fields is 2, but the header has 4; --fill takes those as missing; n=2");
  CHECK(read_csv("1,a,,,,\n2,,,\n") == "0: the number of fields is 6, but the header has 4; n=2");
  CHECK(read_csv("x,a,,\n2,,,\n") == "0: 'n' is a number, but its value here is 'x'; n=2");
  CHECK(read_csv("1e999,a,,\n") == "0: the value of 'n' is out of range");
  CHECK(read_csv(",,yes,\n") == "2: 'b' is true or false, but its value here is 'yes'");
  CHECK(read_csv("1,\xff,,\n2,\xc3\xa9,,\n") == "2: a byte that is not UTF-8; n=2 s=\"é\"");
}

TEST_CASE("fields of any length, across the blocks that are looked at") {
  for (std::size_t length = 0; length < 200; ++length) {
    const std::string field(length, 'y');
    const std::string shown = length == 0 ? "" : " s=\"" + field + "\"";
    CHECK(read_csv("1," + field + ",,\n2," + field + ",,\n") == "n=1" + shown + "; n=2" + shown);
    CHECK(read_csv("1,\"" + field + "\",,\n") == "n=1 s=\"" + field + "\"");
  }
}

TEST_CASE("a header gives the columns") {
  const auto header = read_csv_header("x,n,\"s\"", kCsvVariables, ',', kNone);
  REQUIRE(header.has_value());
  CHECK(header->slots == std::vector<std::uint32_t>{CsvHeader::kUnnamed, 0, 1});
  CHECK(header->line_count == 1);
  const auto twice = read_csv_header("n,x,n", kCsvVariables, ',', kNone);
  REQUIRE_FALSE(twice.has_value());
  CHECK(twice.error().message == "two columns are named 'n'");
  CHECK(read_csv_header("x,x,n", kCsvVariables, ',', kNone).has_value());
  const auto without = read_csv_header("n,b,note", kCsvVariables, ',', kAll);
  REQUIRE_FALSE(without.has_value());
  CHECK(without.error().message == "no column is called 's'; the columns are n, b, note");
  CHECK(read_csv_header("n,b,s", kCsvVariables, ',', kAll).has_value());
}

TEST_CASE("a record is split into its fields") {
  const auto split = [](std::string_view record) {
    const auto fields = split_csv_record(record, ',');
    return fields ? *fields : std::vector<std::string>{"error"};
  };
  using Fields = std::vector<std::string>;
  CHECK(split("") == Fields{""});
  CHECK(split("a,,b") == Fields{"a", "", "b"});
  CHECK(split("\"a,\"\"b\"\"\",c") == Fields{"a,\"b\"", "c"});
  CHECK(split("\"a\nb\",\"\"") == Fields{"a\nb", ""});
  CHECK(split("a\"b") == Fields{"error"});
  CHECK(split("\"a\"b") == Fields{"error"});
  CHECK(split("\"a") == Fields{"error"});
  CHECK(split("\"a\"\"") == Fields{"error"});
  // A file with the line ends of old is no header without records.
  CHECK(split("a,b\r1,2\r") == Fields{"error"});
  CHECK(split("\"a\rb\"") == Fields{"a\rb"});
}

}  // namespace rz::cond
