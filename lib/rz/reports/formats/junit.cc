// JUnit's XML, which servers of continuous integration read. It has no standard; this follows what
// github.com/testmoapp/junitxml describes as common: counts that add up, seconds with a dot, times
// without a zone, `failure` for what is not as it should be and `error` for what could not be
// determined.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"

namespace rz::reports::junit {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

// XML 1.0 cannot represent most control characters, nor U+FFFE and U+FFFF.
bool is_xml_character(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

// `text` escaped for an element or an attribute. A character that a terminal would obey is written
// as a reference.
std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    const std::string_view bytes = text.substr(0, c.size == 0 ? 1 : c.size);
    text.remove_prefix(bytes.size());
    if (c.size == 0 || !is_xml_character(c.value)) {
      out += kReplacement;
    } else if (is_unprintable(c.value) || std::string_view("<>&\"'").find(bytes) < 5) {
      out += fmt::format("&#{};", static_cast<std::uint32_t>(c.value));
    } else {
      out += bytes;
    }
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, escaped(value));
}

std::string seconds(double milliseconds) { return fmt::format("{:.6f}", milliseconds / 1000); }

enum class Outcome { passed, failed, error, skipped };

Outcome outcome_of(const CheckResult& result) {
  if (result.skipped) return Outcome::skipped;
  switch (result.status) {
    case HealthStatus::healthy: return Outcome::passed;
    case HealthStatus::degraded:
    case HealthStatus::unhealthy: return Outcome::failed;
    case HealthStatus::unknown: return Outcome::error;
  }
  return Outcome::error;
}

std::string counts(const CheckReport& run) {
  std::size_t count[4] = {};
  for (const CheckResult& result : run.results) ++count[static_cast<int>(outcome_of(result))];
  return fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"",
                     run.results.size(), count[static_cast<int>(Outcome::failed)],
                     count[static_cast<int>(Outcome::error)],
                     count[static_cast<int>(Outcome::skipped)], seconds(run.duration_ms));
}

// The element for a check that did not pass.
std::string finding(const CheckResult& result) {
  const std::string message = attribute("message", result.message);
  const std::string type = attribute("type", to_string(result.status));
  switch (outcome_of(result)) {
    case Outcome::passed: return "";
    case Outcome::failed: return "<failure" + message + type + "/>";
    case Outcome::error: return "<error" + message + type + "/>";
    case Outcome::skipped: return "<skipped" + message + "/>";
  }
  return "";
}

void write_case(const CheckResult& result, Page& page) {
  const std::string found = finding(result);
  page.raw("    <testcase" + attribute("name", result.name) +
           attribute("classname", "rz.health." + result.type) +
           attribute("time", seconds(result.latency_ms)));
  page.raw(found.empty() ? "/>\n" : ">" + found + "</testcase>\n");
}

}  // namespace

void write(const HealthReport& report, Page& page) {
  const CheckReport run = report.with_components();
  std::string when = format_timestamp(run.timestamp);
  // JUnit's times have neither a zone nor a fraction.
  when.resize(std::min(when.size(), std::string_view("2026-01-02T03:04:05").size()));
  page.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rz health\"" +
           counts(run) + ">\n  <testsuite name=\"rz.health\"" + counts(run) +
           attribute("timestamp", when) + ">\n");
  for (const CheckResult& result : run.results) write_case(result, page);
  page.raw("  </testsuite>\n</testsuites>\n");
}

}  // namespace rz::reports::junit
