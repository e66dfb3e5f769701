// The readers of the reports, none of which is rz: Python's JSON and XML, the client library of
// Prometheus, xmllint, prove, and what the manuals of the others say.

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "health_results.h"
#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/process.h"
#include "rz/base/text.h"
#include "rz/reports/failure.h"
#include "rz/reports/formats.h"
#include "support/paths.h"
#include "support/patience.h"
#include "support/temp_folder.h"

namespace rz::reports {
namespace {

using testing::three_checks;
using testing::written;

const std::string kReaders = test::source_dir() + "/tests/reports/readers/";

std::string output_of(std::vector<std::string> argv, const std::string& input = {}) {
  ProcessOptions options;
  options.argv = std::move(argv);
  options.input = input;
  options.timeout = test::kPatience;
  const auto run = run_process(options);
  REQUIRE_MESSAGE(run.has_value(), options.argv.front() << " is missing");
  return run->output + run->error;
}

// Every byte, and what has a meaning in one of the formats.
std::vector<std::string> hostile_texts() {
  std::vector<std::string> texts;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    texts.push_back(one);
    texts.push_back("a" + one + "z");
  }
  for (const char* text : {"a | 'b'=1;2;3",
                           "\n[OK] web: 200\n",
                           "x # TODO later",
                           "x # SKIP it",
                           "\n1..1\nok 1\n",
                           "Bail out!",
                           "::error::x",
                           "\n::error::x",
                           "##[error]x",
                           "%0A::error::x",
                           "a:b,c=d::e",
                           "]]>",
                           "<a b=\"c\">&amp;",
                           "\"",
                           "\\",
                           "\\\"",
                           "a\\",
                           "\\n",
                           "'",
                           "''",
                           "a'='b=",
                           "\xff\xfe",
                           "\xc3",
                           "\xed\xa0\x80",
                           "\xf4\x90\x80\x80",
                           "\uFFFE",
                           "\u202E",
                           "\u2028",
                           "{a=\"b\"} 1",
                           "a\"} 1\n# EOF\nx",
                           "# EOF",
                           "0 \"x\" - y",
                           "${x}",
                           "`id`",
                           "",
                           " ",
                           "a b",
                           "日本 ü",
                           "\x1b[2J"}) {
    texts.emplace_back(text);
  }
  texts.push_back(std::string(3'000, '|'));
  return texts;
}

bool in_xml(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
}

Value case_of(const std::string& text) {
  Value reports = Value::object();
  for (const std::string_view format : kNamesFor<HealthReport>) {
    const std::string report = written(three_checks(text), format);
    INFO(std::string(format));
    CHECK(!find_invalid_utf8(report));
    reports.set(format, report);
  }
  const bool valid = !find_invalid_utf8(text) && text != "\uFFFE";
  return Value::object({{"printable", printable(text)},
                        {"text", valid ? Value(text) : Value()},
                        {"in_xml", in_xml(text)},
                        {"reports", std::move(reports)}});
}

}  // namespace

TEST_CASE("no text misleads the readers of a report of rz health") {
  const TempFolder folder;
  Value cases = Value::array();
  for (const std::string& text : hostile_texts()) cases.push_back(case_of(text));
  REQUIRE(write_file(folder / "cases.json", to_json(cases)).has_value());
  CHECK(output_of({"/usr/bin/python3", kReaders + "read_reports.py", folder / "cases.json"}) ==
        "all read\n");
}

TEST_CASE("no text makes TAP's reader take a failed check for a passed one") {
  HealthReport report;
  std::string expected;
  for (const std::string& text : hostile_texts()) {
    report.run.results.push_back(testing::result_of(text, HealthStatus::unhealthy, text));
    // The reader drops blanks around a description; a message it keeps.
    const std::string name = printable(text);
    expected += "not ok||";
    expected += trim(name).empty() ? "-" : "- " + std::string(trim(name));
    expected += "\nmessage: " + name + "\n";
  }
  report.run.results.push_back(testing::result_of("rows", HealthStatus::unknown, "see # 'api'"));
  report.run.results.back().skipped = true;
  report.run.results.push_back(testing::result_of("web", HealthStatus::healthy, "200"));
  expected += "ok|SKIP|- rows\nok||- web\nmessage: 200\n";
  const std::size_t count = report.run.results.size();
  expected += "plan 1.." + std::to_string(count) + ", version 13, good\n";
  std::string read = output_of({"perl", kReaders + "read_tap.pl"}, written(report, "tap"));
  // It leaves the escapes of a description as they are.
  std::string unescaped;
  for (std::string_view line : split(read, '\n')) {
    const bool description = line.starts_with("ok|") || line.starts_with("not ok|");
    for (std::size_t i = 0; i < line.size(); ++i) {
      const bool escape = description && line[i] == '\\' && i + 1 < line.size() &&
                          (line[i + 1] == '\\' || line[i + 1] == '#');
      unescaped += line[escape ? ++i : i];
    }
    unescaped += '\n';
  }
  unescaped.pop_back();
  CHECK(unescaped == expected);
}

TEST_CASE("prove takes a report: some failed, none failed, none to show, no answer") {
  const TempFolder folder;
  const auto verdict = [&](const std::string& tap) {
    const std::string path = folder / "health.tap";
    REQUIRE(write_file(path, tap).has_value());
    return output_of({"prove", "-e", "cat", path});
  };
  HealthReport report = three_checks("api");
  const auto shows = [&](const std::string& result) {
    return verdict(written(report, "tap")).find(result) != std::string::npos;
  };
  CHECK(shows("Result: FAIL"));
  report.run.results.resize(1);
  CHECK(shows("Result: PASS"));
  report.only_failed = true;
  CHECK(shows("Result: NOTESTS"));
  StringPage page;
  Tap::write(Failure{"", "", {ErrorCode::config, "rz.yaml:1:1: wrong", ""}}, page);
  CHECK(verdict(page.text()).find("stopped: rz.yaml:1:1: wrong\n") != std::string::npos);
}

TEST_CASE("a JUnit report has the elements and attributes that servers know") {
  const TempFolder folder;
  HealthReport report;
  report.host = "host-1";
  report.config_path = "rz.yaml";
  report.run.timestamp = testing::kNow;
  for (const std::string& text : hostile_texts()) {
    report.run.results.push_back(testing::result_of(text, HealthStatus::unhealthy, text));
    report.run.results.push_back(testing::result_of(text, HealthStatus::unknown, text));
    report.run.results.push_back(testing::result_of(text, HealthStatus::healthy, text));
    report.run.results.back().metadata.set("flaky", true);
    report.run.results.push_back(testing::result_of(text, HealthStatus::unknown, text));
    report.run.results.back().skipped = true;
  }
  report.config_path = hostile_texts().front();
  report.run.checks.resize(report.run.results.size());
  for (RegisteredCheck& check : report.run.checks) check.options.config_line = 12;
  const std::string path = folder / "health.xml";
  REQUIRE(write_file(path, written(report, "junit")).has_value());
  CHECK(output_of({"xmllint", "--noout", "--schema", kReaders + "junit.xsd", path}) ==
        path + " validates\n");
}

}  // namespace rz::reports
