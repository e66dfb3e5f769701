// Pages that stand alone: what a browser makes of them is tested in html_browser_test.cc.

#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

#include "history_results.h"
#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/reports/html/html_page.h"
#include "rz/reports/html/html_style.h"
#include "rz/reports/html/html_text.h"
#include "rz/reports/transitions.h"
#include "written.h"

namespace rz::reports {
namespace {

using testing::audited_change;
using testing::audited_day;
using testing::audited_day_over;
using testing::contains;
using testing::written;

std::size_t count_in(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size())
    ++found;
  return found;
}

std::string html_list_of(const std::vector<Transition>& records, const EndOfList& end = {}) {
  StringPage page;
  const auto writer = Html::begin_list(page);
  for (const Transition& record : records) writer->add(record);
  writer->finish(end);
  return page.text();
}

// A year of ten thousand transitions, each with a reason of its own.
std::vector<Transition> many_changes() {
  std::vector<Transition> records;
  for (int i = 0; i < 10'000; ++i) {
    const bool worse = i % 2 == 0;
    Transition record = audited_change("2025-01-01T00:00:00Z", worse ? Mode::primary : Mode::safe,
                                       worse ? Mode::safe : Mode::primary, i + 1,
                                       worse ? "multiple_failures(" + std::to_string(i) + ")"
                                             : "recovered after " + std::to_string(i));
    record.timestamp += std::chrono::seconds{3'000 * i + i % 977};
    records.push_back(std::move(record));
  }
  return records;
}

StatsReport year_of(const std::vector<Transition>& records) {
  history::AuditQuestion asked;
  asked.window = {records.front().timestamp, records.back().timestamp + std::chrono::hours{1}};
  for (TimePoint day = asked.window.begin; day < asked.window.end; day += std::chrono::hours{24}) {
    asked.periods.push_back(day);
  }
  asked.periods.push_back(asked.window.end);
  asked.objective = history::Objective{99.9, std::chrono::hours{24 * 30}};
  StatsReport report;
  report.audit = history::audit_records(asked, std::nullopt, records);
  return report;
}

constexpr std::size_t kMostBytes = 150'000;

std::string html_list_beside(const std::vector<Transition>& records, const StatsReport& stats) {
  const Result<StatsReport> modes = stats;
  return html_list_of(records, {.modes = &modes});
}

// What the script reads of the records.
std::string records_in(const std::string& page) {
  const std::string begin = "\"list\":\"";
  const std::size_t at = page.find(begin);
  REQUIRE(at != std::string::npos);
  return page.substr(at + begin.size(), page.find('"', at + begin.size()) - at - begin.size());
}

}  // namespace

TEST_CASE("a page allows its own style and script, by their digests, and nothing else") {
  CHECK(html_digest("") == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");  // RFC 6234
  const std::string page = written(audited_day(), "html");
  CHECK(contains(page, "content=\"default-src 'none'; style-src " + html_digest(kHtmlStyle) +
                           "; script-src " + html_digest(kHtmlScript) + ";"));
  CHECK(contains(page, "<style>" + std::string(kHtmlStyle) + "</style>"));
  CHECK(contains(page, "<script>" + std::string(kHtmlScript) + "</script>"));
  // A style attribute or a handler in an attribute would be refused by that.
  CHECK(!contains(page, " style=\""));
  CHECK(!std::regex_search(page, std::regex("<[^>]* on[a-z]+=\"")));
}

TEST_CASE("a page loads nothing") {
  for (const std::string& page :
       {written(audited_day(), "html"), written(audited_day_over(), "html"),
        html_list_of(many_changes())}) {
    CHECK(!contains(page, " src="));
    CHECK(!contains(page, " href="));
    CHECK(!contains(page, "@import"));
    CHECK(count_in(page, "url(") == count_in(page, "url(#"));
  }
}

TEST_CASE("without its script a page shows days, modes, episodes and times as text") {
  const std::string page = written(audited_day(), "html");
  CHECK(contains(page, "<title>safe from 2026-01-01T06:00:00Z to 2026-01-01T06:30:00Z</title>"));
  CHECK(contains(
      page, "<li tabindex=\"0\" class=\"S\"><i>01-01</i><span>2026-01-01: safe 30m</span></li>"));
  CHECK(contains(page, "<dt>whole window</dt><dd>97.916 %</dd>"));
  CHECK(contains(page, "<td class=\"n\">30m</td><td class=\"t\">2026-01-01T06:00:00Z</td>"));
  CHECK(contains(page, "<span class=\"mode S\">safe</span>"));
  CHECK(contains(page, "multiple_failures(2)"));
}

TEST_CASE("without its script the band tells times to the second, not to the column") {
  history::AuditQuestion asked;
  asked.window = {*parse_timestamp("2026-01-01T00:00:00Z"),
                  *parse_timestamp("2026-02-10T00:00:00Z")};  // A column is an hour.
  const history::KnownMode known{asked.window.begin, Mode::primary, 0, {}};
  StatsReport report;
  report.audit = history::audit_records(
      asked, known,
      {audited_change("2026-01-05T06:07:08Z", Mode::primary, Mode::safe, 1, "one"),
       audited_change("2026-01-05T06:17:18Z", Mode::safe, Mode::primary, 2, "two"),
       audited_change("2026-02-01T09:10:00Z", Mode::primary, Mode::safe, 3, "three"),
       audited_change("2026-02-01T09:20:00Z", Mode::safe, Mode::primary, 4, "four"),
       audited_change("2026-02-01T09:30:00Z", Mode::primary, Mode::safe, 5, "five"),
       audited_change("2026-02-01T10:20:00Z", Mode::safe, Mode::primary, 6, "six")});
  const std::string page = written(report, "html");
  CHECK(contains(page, "<title>safe from 2026-01-05T06:07:08Z to 2026-01-05T06:17:18Z</title>"));
  CHECK(contains(page, "<title>primary from 2026-01-05T06:17:18Z to 2026-02-01T09:10:00Z</title>"));
  CHECK(contains(page,
                 "<title>safe 2 times from 2026-02-01T09:10:00Z to 2026-02-01T10:20:00Z, 1h in "
                 "all</title>"));
}

TEST_CASE("of a list that is too long for a page the newest records are shown") {
  std::vector<Transition> records;
  for (int i = 0; i < 20'010; ++i) {
    records.push_back(audited_change("2025-01-01T00:00:00Z", Mode::primary, Mode::safe, i + 1,
                                     i < 10 ? "old" : "new"));
    records.back().timestamp += std::chrono::seconds{i};
  }
  const auto is_right = [](const std::string& page) {
    return contains(page, "20010 records") && contains(page, "The newest 20000 are shown") &&
           contains(page, "\"reasons\":[\"new\"]");
  };
  CHECK(is_right(html_list_of(records)));
  std::reverse(records.begin(), records.end());
  CHECK(is_right(html_list_of(records)));
}

TEST_CASE("an audit says first whether the limits are kept, and what they were broken by") {
  const std::string page = written(audited_day_over(), "html");
  CHECK(contains(page, "<span class=\"mode S\">over 2 of 3 limits: max_degraded, slo</span>"));
  CHECK(contains(page, "<li>2026-01-01T06:00:00Z primary -&gt; safe: multiple_failures(2)</li>"));
  CHECK(page.find("over 2 of 3") < page.find("id=\"limits\""));
}

TEST_CASE("the script finds all that it asks for") {
  std::set<std::string> asked;
  const std::string script(kHtmlScript);
  const std::regex call("(?:at|getElementById)\\(\"([a-z_]+)\"(\\+)?");
  for (std::sregex_iterator found(script.begin(), script.end(), call), end; found != end; ++found) {
    if (!(*found)[2].matched) asked.insert((*found)[1]);
  }
  for (const char* way : {"in", "out", "back", "on", "all"})
    asked.insert("zoom_" + std::string(way));
  CHECK(asked.size() > 15);
  const std::string pages = written(audited_day(), "html") + html_list_of({});
  for (const std::string& id : asked) CHECK_MESSAGE(contains(pages, "id=\"" + id + "\""), id);
}

TEST_CASE("ten thousand transitions fit into 150 KB") {
  const std::vector<Transition> records = many_changes();
  const StatsReport stats = year_of(records);
  REQUIRE(stats.audit.transitions.total == 10'000);
  const AuditReport audit{stats, history::judge_limits(stats.audit, {.max_transitions = 5})};
  CHECK(written(stats, "html").size() < kMostBytes);
  CHECK(written(audit, "html").size() < kMostBytes);
  // Too many reasons are told by their causes.
  CHECK(contains(written(stats, "html"), "\"multiple_failures\""));
  const std::string list = html_list_of(records);
  CHECK(list.size() < kMostBytes);
  CHECK(contains(list, "<p>10000 records</p>"));
  StatsReport beside = stats;
  beside.audit.periods.clear();
  const std::string whole = html_list_beside(records, beside);
  CHECK(whole.size() < kMostBytes);
  CHECK(contains(whole, "\"list\":\","));
}

TEST_CASE("hosts that take turns do not make the page of a list too large") {
  std::vector<Transition> records = many_changes();
  for (std::size_t i = 0; i < records.size(); ++i) records[i].host = i % 4 < 2 ? "a" : "b";
  StatsReport beside = year_of(records);
  beside.audit.periods.clear();
  CHECK(html_list_beside(records, beside).size() < kMostBytes);
  std::reverse(records.begin(), records.end());
  CHECK(html_list_beside(records, beside).size() < kMostBytes);
}

TEST_CASE("a list shows all modes of its time, and says which time, whatever it selects") {
  const std::string page = html_list_beside(
      {audited_change("2026-01-01T06:30:00Z", Mode::safe, Mode::primary, 2, "recovered")},
      audited_day());
  CHECK(contains(page, "<p>1 record</p>"));
  CHECK(contains(page,
                 "of all records from 2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z (1d), also "
                 "those that the list leaves out."));
  CHECK(contains(page, "<dt>whole window</dt><dd>97.916 %</dd>"));
  CHECK(contains(page, "<title>safe from 2026-01-01T06:00:00Z to 2026-01-01T06:30:00Z</title>"));
}

TEST_CASE("a page of which the modes could not be read says why, and shows the list") {
  const Result<StatsReport> modes = fail(ErrorCode::unavailable, "gone <away>", "redis://a");
  const std::string page =
      html_list_of({audited_change("2026-01-01T06:00:00Z", Mode::primary, Mode::safe, 1, "r")},
                   {.modes = &modes});
  CHECK(contains(page, "The modes of this time could not be read: "));
  CHECK(contains(page, "gone &lt;away&gt;"));
  CHECK(records_in(page) == ",t868o0PS0.0");
  CHECK(!contains(page, "\"band\""));
}

TEST_CASE("a record that begins a stretch of the band is written as that, from either end") {
  const Transition worse =
      audited_change("2026-01-01T06:00:00Z", Mode::primary, Mode::safe, 1, "multiple_failures(2)");
  const Transition better =
      audited_change("2026-01-01T06:30:00Z", Mode::safe, Mode::primary, 2, "recovered");
  const StatsReport day = audited_day();
  CHECK(records_in(html_list_beside({worse, better}, day)) == "=.0=");
  CHECK(records_in(html_list_beside({better, worse}, day)) == "@2.0-");
  Transition other = better;
  other.host = "b";
  CHECK(records_in(html_list_beside({worse, other}, day)) == "=.0=.1");
  // A pin leaves the mode as it is, and what nobody finds in the band is written whole.
  const Transition pin =
      audited_change("2026-01-01T06:10:00Z", Mode::safe, Mode::safe, 2, "pinned");
  CHECK(records_in(html_list_beside({worse, pin, better}, day)) == "=.0,goSS1=");
}

TEST_CASE("a list that could not be read to its end says so in the page") {
  const Error error{ErrorCode::unavailable, "gone <away>", "redis://a"};
  const std::string page =
      html_list_of({audited_change("2026-01-01T06:00:00Z", Mode::primary, Mode::safe, 1, "r")},
                   {.failed = &error, .whole = false});
  CHECK(contains(page, "ended early"));
  CHECK(contains(page, "gone &lt;away&gt;"));
  CHECK(contains(page, "wait for the store"));
}

TEST_CASE("numbers of the script are those of its parseInt") {
  CHECK(html_number(0) == "0");
  CHECK(html_number(35) == "z");
  CHECK(html_number(-36) == "-10");
  CHECK(html_number(INT64_MIN) == "-1y2p0ij32e8e8");
}

TEST_CASE("a badge tells the answer in words and colour") {
  const std::string over = written(audited_day_over(), "badge");
  CHECK(contains(over, "aria-label=\"modes: over, 97.916 %\""));
  CHECK(contains(over, "#b3261e"));
  AuditReport kept = audited_day_over();
  for (auto& limit : kept.limits) limit.result = history::LimitResult::kept;
  CHECK(contains(written(kept, "badge"), "within"));
  CHECK(!contains(written(kept, "badge"), "#b3261e"));
  StatsReport unread = audited_day();
  unread.unreadable = 1;
  CHECK(contains(written(unread, "badge"), "availability: unknown"));
}

}  // namespace rz::reports
