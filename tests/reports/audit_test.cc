#include <doctest/doctest.h>

#include <string>

#include "history_results.h"
#include "rz/base/json.h"
#include "rz/base/json_pointer.h"
#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "terminal.h"
#include "written.h"

namespace rz::reports {
namespace {

using history::LimitResult;
using testing::audited_day;
using testing::audited_day_over;
using testing::contains;
using testing::written;

AuditReport within() {
  AuditReport report{audited_day()};
  report.stats.audit.budget.reset();
  report.limits = history::judge_limits(report.stats.audit, {.max_transitions = 5});
  return report;
}

AuditReport uninformed() {
  AuditReport report = within();
  report.stats.audit.informed = false;
  return report;
}

}  // namespace

TEST_CASE("an audit as text: the answer first, then why, then the records behind it") {
  CHECK(written(audited_day_over(), "text") ==
        "over 2 of 3 limits: max_degraded, slo\n"
        "2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z (1d)\n"
        "\n"
        "MODE          TIME    SHARE\n"
        "primary    23h 30m  97.92 %\n"
        "heuristic       0s   0.00 %\n"
        "safe           30m   2.08 %\n"
        "unknown         0s   0.00 %\n"
        "\n"
        "availability     97.916 %\n"
        "transitions      2\n"
        "flaps            0, back within 10m\n"
        "episodes         1: 1 recovered, 0 open, 0 cut\n"
        "time to recover  mean 30m, median 30m, 90 % within 30m (n = 1)\n"
        "\n"
        "error budget of 99 % over 1d: 14m 24s; spent 30m, left -15m 36s\n"
        "\n"
        "LIMIT            FOUND  ALLOWED  RESULT\n"
        "max_transitions      2        5  ok\n"
        "max_degraded       30m      20m  over\n"
        "slo                30m  14m 24s  over\n"
        "\n"
        "max_degraded: 30m in heuristic or safe, and 20m are allowed\n"
        "  2026-01-01T06:00:00Z primary -> safe: multiple_failures(2)\n"
        "\n"
        "slo: 30m of the error budget of 99 % over 1d spent, and 14m 24s are allowed\n"
        "  2026-01-01T06:00:00Z primary -> safe: multiple_failures(2)\n"
        "\n"
        "DEGRADED FROM         TO                    LENGTH  ENDED      WORST\n"
        "2026-01-01T06:00:00Z  2026-01-01T06:30:00Z     30m  recovered  safe\n"
        "  ops on a: multiple_failures(2)\n");
}

TEST_CASE("an audit answers yes, no, or that it could not tell") {
  CHECK(conclusion_of(within()) == "within 1 limit");
  CHECK(within().result() == LimitResult::kept);
  CHECK(uninformed().result() == LimitResult::unknown);
  CHECK(conclusion_of(uninformed()) == "cannot tell: no record and no evaluation in the window");
  AuditReport unreadable = audited_day_over();
  unreadable.stats.unreadable = 2;
  CHECK(unreadable.result() == LimitResult::unknown);
  CHECK(conclusion_of(unreadable) ==
        "cannot tell: 2 unreadable records; over 2 of 3 limits: max_degraded, slo");
  AuditReport waiting = within();
  waiting.stats.whole = false;
  CHECK(waiting.result() == LimitResult::unknown);
  CHECK(conclusion_of(waiting) ==
        "cannot tell: decisions of this host wait for the store; within 1 limit");
}

TEST_CASE("an audit as JSON has every figure and the records behind a broken limit") {
  const Value document = *parse_json(written(audited_day_over(), "json"));
  CHECK(*document.find("schema")->as_string() == "rz.audit/1");
  CHECK(*document.find("ok")->as_bool() == false);
  CHECK(*document.find("since")->as_string() == "2026-01-01T00:00:00.000000Z");
  CHECK(*document.find("time_in_mode_s")->find("safe")->as_double() == 1800);
  CHECK(*document.find("unknown_s")->as_double() == 0);
  CHECK(*document.find("availability")->as_double() == doctest::Approx(0.979166667));
  CHECK(*document.find("transitions")->as_int() == 2);
  CHECK(*document.find("mean_time_to_recover_s")->as_double() == 1800);
  CHECK(*document.find("budget")->find("left_s")->as_double() == -936);
  const Value::Array& violations = *document.find("violations")->as_array();
  REQUIRE(violations.size() == 2);
  CHECK(*violations[0].find("limit")->as_string() == "max_degraded");
  CHECK(*violations[0].find("records")->as_array()->at(0).find("epoch")->as_int() == 1);
  CHECK(document.find("complete") == nullptr);
  CHECK(document.find("limits")->as_array()->size() == 3);
  CHECK(parse_json(written(uninformed(), "json"))->find("ok")->is_null());
  CHECK(*parse_json(written(within(), "json"))->find("ok")->as_bool());
}

TEST_CASE("an audit as CSV: a row for each limit") {
  CHECK(written(audited_day_over(), "csv") ==
        "since,until,limit,result,found,allowed,unit,message\r\n"
        "2026-01-01T00:00:00.000000Z,2026-01-02T00:00:00.000000Z,max_transitions,ok,2,5,,"
        "\"2 transitions, and 5 are allowed\"\r\n"
        "2026-01-01T00:00:00.000000Z,2026-01-02T00:00:00.000000Z,max_degraded,over,1800,1200,s,"
        "\"30m in heuristic or safe, and 20m are allowed\"\r\n"
        "2026-01-01T00:00:00.000000Z,2026-01-02T00:00:00.000000Z,slo,over,1800,864,s,"
        "\"30m of the error budget of 99 % over 1d spent, and 14m 24s are allowed\"\r\n");
}

TEST_CASE("an audit as Markdown: the answer, the limits, the records") {
  const std::string text = written(audited_day_over(), "markdown");
  CHECK(text.starts_with("**over 2 of 3 limits: max\\_degraded, slo**\n\n"));
  CHECK(contains(text, "| max\\_degraded | 30m | 20m | over |\n"));
  CHECK(contains(text, "- 2026-01-01T06:00:00Z primary -\\> safe: multiple\\_failures(2)\n"));
}

TEST_CASE("an audit as JUnit: a case for each limit, and an error where nothing is known") {
  const std::string text = written(audited_day_over(), "junit");
  CHECK(contains(text,
                 R"(<testsuites name="rz transitions audit" tests="3" failures="2" errors="0")"));
  CHECK(
      contains(text, R"(<testcase name="max_transitions" classname="rz.audit" time="0.000000"/>)"));
  CHECK(contains(
      text, R"x(<failure message="30m in heuristic or safe, and 20m are allowed; )x"
            R"x(2026-01-01T06:00:00Z primary -&#62; safe: multiple_failures(2)" type="over"/>)x"));
  const std::string unknown = written(uninformed(), "junit");
  CHECK(contains(unknown, R"(tests="2" failures="0" errors="1")"));
  CHECK(contains(unknown, R"(<testcase name="history")"));
}

TEST_CASE("an audit as a Nagios plugin: the state of the exit code, and perfdata with the limits") {
  CHECK(written(audited_day_over(), "nagios") ==
        "RZ WARNING - over 2 of 3 limits: max_degraded, slo | 'availability'=97.916667% "
        "'primary'=84600s;;;0 'heuristic'=0s;;;0 'safe'=1800s;;;0 'unknown'=0s;;;0 "
        "'maintenance'=0s;;;0 'max_transitions'=2;5 'max_degraded'=1800s;1200 'slo'=1800s;864\n"
        "max_degraded: 30m in heuristic or safe, and 20m are allowed\n"
        "slo: 30m of the error budget of 99 % over 1d spent, and 14m 24s are allowed\n");
  CHECK(written(within(), "nagios").starts_with("RZ OK - within 1 limit |"));
  CHECK(written(uninformed(), "nagios").starts_with("RZ UNKNOWN - cannot tell"));
}

TEST_CASE("an audit as metrics: a state set for the answer and for each limit") {
  const std::string text = written(audited_day_over(), "prometheus");
  CHECK(contains(text, "rz_audit_result{result=\"over\"} 1\n"));
  CHECK(contains(text, "rz_audit_result{result=\"within\"} 0\n"));
  CHECK(contains(text, "rz_audit_limit_result{limit=\"slo\",result=\"over\"} 1\n"));
  CHECK(contains(text, "rz_audit_limit_result{limit=\"max_transitions\",result=\"ok\"} 1\n"));
  CHECK(contains(text, "rz_audit_time_seconds{mode=\"safe\"} 1800\n"));
  CHECK(contains(text, "rz_audit_error_budget_seconds 864\n"));
  CHECK(contains(text, "rz_audit_recovery_seconds{statistic=\"p90\"} 1800\n"));
  CHECK(written(audited_day_over(), "openmetrics").ends_with("# EOF\n"));
}

TEST_CASE("the rate of a window that two rules have is one sample") {
  AuditReport report = audited_day_over();
  report.stats.audit.budget->burn_rates = history::burn_rates_of({99, std::chrono::hours{720}});
  for (history::BurnRate& rate : report.stats.audit.budget->burn_rates) {
    rate.long_rate = rate.short_rate = 1;
  }
  const std::string text = written(report, "prometheus");
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find("rz_audit_burn_rate{", at)) != std::string::npos; ++at) {
    ++found;
  }
  CHECK(found == 7);
  CHECK(contains(text, "rz_audit_burn_rate{window=\"6h\"} 1\n"));
}

TEST_CASE("an audit as annotations: an error for each limit that is not kept") {
  CHECK(written(audited_day_over(), "github") ==
        "::error title=max_degraded is over::30m in heuristic or safe, and 20m are allowed\n"
        "::error title=slo is over::30m of the error budget of 99 %25 over 1d spent, and 14m 24s "
        "are allowed\n"
        "rz transitions audit: over 2 of 3 limits: max_degraded, slo\n");
  CHECK(written(uninformed(), "github")
            .starts_with("::error title=rz transitions audit could not "
                         "tell::cannot tell"));
}

TEST_CASE("only what is whole is shown as 100 %") {
  history::ModeTime time;
  time.add(history::TimeKind::primary, std::chrono::hours{24 * 365});
  CHECK(availability_text(time) == "100.000 %");
  time.add(history::TimeKind::safe, std::chrono::seconds{1});
  CHECK(availability_text(time) == "99.999 %");
  CHECK(availability_text({}) == "-");
}

TEST_CASE("episodes tell their ends, reasons and who, on eighty columns") {
  AuditReport report{audited_day()};
  history::Episode& episode = report.stats.audit.episodes.at(0);
  episode.begin_known = false;
  episode.length = std::chrono::hours{47};
  episode.worst = Mode::heuristic;
  episode.reasons = {std::string(50, 'a'), "second"};
  episode.more_reasons = 3;
  testing::Terminal terminal;
  write(report, "text", terminal);
  CHECK(contains(terminal.text,
                 "before 2026-01-01T06:00:00Z  2026-01-01T06:30:00Z  1d 23h  recovered  heuristic"
                 "\n  ops on a: aaaa"));
  for (const std::string_view line : split(terminal.text, '\n')) {
    CHECK(display_width(line) <= 80);
  }
  CHECK(contains(written(report, "text"), "; second; and 3 more\n"));
}

}  // namespace rz::reports
