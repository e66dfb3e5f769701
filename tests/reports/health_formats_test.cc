#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "health_results.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/reports/failure.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"

namespace rz::reports {
namespace {

using testing::kNow;
using testing::one_of_each_sort;
using testing::result_of;
using testing::three_checks;
using testing::written;

HealthReport healthy_report() {
  HealthReport report = three_checks("x");
  report.run.results.resize(1);
  return report;
}

std::string failure_in(std::string_view format) {
  StringPage page;
  write(Failure{"rz.health/1", "status", {ErrorCode::config, "is | wrong\n# TODO", "rz.yaml:3:1"}},
        format, page);
  return page.text();
}

/// A report of `errors` unhealthy checks and as many degraded ones.
HealthReport report_of_many(std::size_t errors) {
  HealthReport report;
  for (std::size_t i = 0; i < errors; ++i) {
    const std::string number = std::to_string(i);
    report.run.results.push_back(result_of("slow" + number, HealthStatus::degraded, "slow"));
    report.run.results.push_back(result_of("dead" + number, HealthStatus::unhealthy, "dead"));
  }
  return report;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size())
    ++found;
  return found;
}

}  // namespace

TEST_CASE("nagios: the worst with its cause, a line each, what was measured") {
  CHECK(written(one_of_each_sort(), "nagios") ==
        "RZ CRITICAL - api: connection refused (and 4 more) | 'unhealthy'=2 'degraded'=1 "
        "'unknown'=2 'time'=0.0025s;;;0 'api latency'=0.0015s;;;0 'disk latency'=0.0015s;;;0 "
        "'disk usage'=85.5%;80;95 'disk available'=1024B 'db latency'=0.0015s;;;0 "
        "'mail latency'=0.0015s;;;0 'web latency'=0.0015s;;;0\n"
        "[CRITICAL] api: connection refused\n"
        "[CRITICAL] worker: reported failed\n"
        "[WARNING] disk: /: 85.0 % used (warning)\n"
        "[UNKNOWN] db: no thread left\n"
        "[UNKNOWN] rows: skipped: see 'api'\n"
        "[OK] mail: 250 (only when tried again)\n"
        "[OK] web: 200\n");
  CHECK(written(healthy_report(), "nagios")
            .starts_with("RZ OK - 1 healthy | 'unhealthy'=0 'degraded'=0 'unknown'=0 "));
  HealthReport report = healthy_report();
  report.only_failed = true;
  CHECK(written(report, "nagios").ends_with("'time'=0.0025s;;;0 'good latency'=0.0015s;;;0\n"));
  CHECK(written(HealthReport{}, "nagios").starts_with("RZ UNKNOWN - no checks |"));
  CHECK(failure_in("nagios") == "RZ UNKNOWN - rz.yaml:3:1: is \u00A6 wrong\\n# TODO\n");
}

TEST_CASE("nagios: a long name does not hide the cause, and many checks fit what Nagios keeps") {
  HealthReport report = three_checks(std::string(200, 'n'));
  report.run.results[1].message = "the cause";
  std::string text = written(report, "nagios");
  CHECK(text.find("…: the cause (and 1 more) |") < 90);

  report = report_of_many(500);
  for (CheckResult& result : report.run.results) result.message = std::string(300, 'm');
  text = written(report, "nagios");
  CHECK(text.size() < 8'192);
  CHECK(text.find("\n… and 98") != std::string::npos);
  CHECK(text.find("[WARNING]") == std::string::npos);
}

TEST_CASE("prometheus: a state set, seconds, and no timestamps") {
  HealthReport report = one_of_each_sort();
  report.run.results.erase(report.run.results.begin(), report.run.results.begin() + 2);
  report.run.results.erase(report.run.results.begin() + 1, report.run.results.begin() + 3);
  const std::string text = written(report, "prometheus");
  const std::string states =
      "# HELP rz_check_status 1 for the status of the check, 0 for the others.\n"
      "# TYPE rz_check_status gauge\n"
      "rz_check_status{check=\"disk\",type=\"disk\",status=\"healthy\"} 0\n"
      "rz_check_status{check=\"disk\",type=\"disk\",status=\"degraded\"} 1\n"
      "rz_check_status{check=\"disk\",type=\"disk\",status=\"unhealthy\"} 0\n"
      "rz_check_status{check=\"disk\",type=\"disk\",status=\"unknown\"} 0\n"
      "rz_check_status{check=\"rows\",type=\"http\",status=\"healthy\"} 0\n";
  CHECK(text.find(states) != std::string::npos);
  for (const char* line :
       {"rz_health_status{status=\"unhealthy\"} 1\n", "rz_health_run_duration_seconds 0.0025\n",
        "rz_health_run_timestamp_seconds 1767323045\n",
        "# TYPE rz_check_latency_seconds gauge\nrz_check_latency_seconds{check=\"disk\",type=\"disk"
        "\"} 0.0015\n# HELP",
        "rz_check_skipped{check=\"rows\",type=\"http\"} 1\n",
        "rz_component_status{component=\"worker\",status=\"unhealthy\"} 1\n",
        "rz_check_measured_ratio{check=\"disk\",type=\"disk\",measurement=\"usage\"} 0.855\n",
        "rz_check_measured_bytes{check=\"disk\",type=\"disk\",measurement=\"available\"} 1024\n"}) {
    INFO(line);
    CHECK(count_of(text, line) == 1);
  }
  CHECK(written(one_of_each_sort(), "prometheus")
            .find("rz_check_flaky{check=\"mail\",type=\"http\"} 1\n") != std::string::npos);
}

TEST_CASE("prometheus: no series is there twice, though two names are shown alike") {
  HealthReport report;
  report.run.results = {result_of("a\x1b", HealthStatus::healthy, ""),
                        result_of("a\\x1b", HealthStatus::unhealthy, "")};
  const std::string text = written(report, "prometheus");
  CHECK(text.find("{check=\"a\\\\x1b\",type=\"http\",status=\"healthy\"} 1\n") !=
        std::string::npos);
  CHECK(text.find("{check=\"a\\\\x1b_\",type=\"http\",status=\"unhealthy\"} 1\n") !=
        std::string::npos);
}

TEST_CASE("openmetrics: units, and an end") {
  const std::string text = written(one_of_each_sort(), "openmetrics");
  CHECK(text.find("# UNIT rz_check_latency_seconds seconds\n") != std::string::npos);
  CHECK(text.ends_with("\n# EOF\n"));
  CHECK(count_of(text, "# EOF") == 1);
}

TEST_CASE("tap: version 13, a block each, and what was not run") {
  HealthReport report = one_of_each_sort();
  report.run.results.erase(report.run.results.begin() + 2, report.run.results.begin() + 5);
  report.run.results.erase(report.run.results.begin());
  CHECK(written(report, "tap") ==
        "TAP version 13\n1..3\n"
        "ok 1 - mail\n  ---\n  message: \"250\"\n  status: healthy\n  type: \"http\"\n"
        "  duration_ms: 1.5\n  flaky: true\n  ...\n"
        "ok 2 - rows # SKIP skipped: see 'api'\n"
        "not ok 3 - worker\n  ---\n  message: \"reported failed\"\n  status: unhealthy\n"
        "  type: \"component\"\n  ...\n");
  report = healthy_report();
  report.only_failed = true;
  CHECK(written(report, "tap") == "TAP version 13\n1..0 # SKIP 1 healthy\n");
  CHECK(written(HealthReport{}, "tap") == "TAP version 13\nBail out! no checks\n");
  CHECK(failure_in("tap") == "TAP version 13\nBail out! rz.yaml:3:1: is | wrong\\n# TODO\n");
}

TEST_CASE("github: the place in the configuration, errors and warnings") {
  HealthReport report = one_of_each_sort();
  report.config_path = "conf,d/rz.yaml";
  report.run.checks.resize(4);
  report.run.checks[3].options.config_line = 12;
  CHECK(written(report, "github") ==
        "::error file=conf%2Cd/rz.yaml,line=12,title=api is unhealthy::connection refused\n"
        "::error title=worker is unhealthy::reported failed\n"
        "::error title=db is unknown::no thread left\n"
        "::warning title=disk is degraded::/: 85.0 %25 used (warning)\n"
        "::warning title=rows is unknown::skipped: see 'api'\n"
        "::warning title=mail is flaky::250 (only when tried again)\n"
        "rz health: unhealthy: 2 unhealthy, 1 degraded, 2 unknown, 2 healthy (1 flaky)\n");
  CHECK(failure_in("github") ==
        "::error title=rz health could not tell::rz.yaml:3:1: is | wrong\\n# TODO\n");
}

TEST_CASE("github: what GitHub would drop is named in the last of ten") {
  const std::string ten = written(report_of_many(10), "github");
  CHECK(count_of(ten, "::error ") == 10);
  CHECK(count_of(ten, "more::") == 0);
  const std::string twelve = written(report_of_many(12), "github");
  CHECK(count_of(twelve, "::error ") == 10);
  CHECK(count_of(twelve, "::warning ") == 10);
  CHECK(twelve.find("::error title=… and 3 more::dead9, dead10, dead11\n") != std::string::npos);
}

TEST_CASE("checkmk: a service for the whole and one each, with levels") {
  CHECK(
      written(one_of_each_sort(), "checkmk") ==
      "2 \"rz\" duration=0.0025 2 unhealthy, 1 degraded, 2 unknown, 2 healthy (1 flaky)\n"
      "0 \"rz web\" latency=0.0015;;;0 200\n"
      "0 \"rz mail\" latency=0.0015;;;0 250 (only when tried again)\n"
      "1 \"rz disk\" latency=0.0015;;;0|usage=85.5;80;95|available=1024 /: 85.0 % used (warning)\n"
      "2 \"rz api\" latency=0.0015;;;0 connection refused\n"
      "3 \"rz db\" latency=0.0015;;;0 no thread left\n"
      "3 \"rz rows\" - skipped: see 'api'\n"
      "2 \"rz worker\" - reported failed\n");
  CHECK(failure_in("checkmk") == "3 \"rz\" - rz.yaml:3:1: is | wrong\\n# TODO\n");
}

TEST_CASE("health+json: the draft's words, lists, and no output of what passed") {
  HealthReport report = one_of_each_sort();
  report.host = "host-1";
  const auto document = parse_json(written(report, "health+json"));
  REQUIRE(document.has_value());
  CHECK(*document->find("status") == Value("fail"));
  CHECK(*document->find("description") == Value("rz health on host-1"));
  const Value& checks = *document->find("checks");
  const Value time = "2026-01-02T03:04:05.000000Z";
  CHECK(*checks.find("web:responseTime") ==
        Value::array({Value::object({{"componentType", "component"},
                                     {"status", "pass"},
                                     {"time", time},
                                     {"observedValue", 1.5},
                                     {"observedUnit", "ms"}})}));
  CHECK(*checks.find("disk:usage") == Value::array({Value::object({{"componentType", "system"},
                                                                   {"observedValue", 85.5},
                                                                   {"time", time},
                                                                   {"observedUnit", "percent"}})}));
  CHECK(*checks.find("worker:status") ==
        Value::array({Value::object({{"componentType", "component"},
                                     {"status", "fail"},
                                     {"time", time},
                                     {"output", "reported failed"}})}));
  CHECK(*checks.find("rows:status")->as_array()->front().find("output") ==
        Value("unknown: skipped: see 'api'"));
  CHECK(written(healthy_report(), "health+json").starts_with("{\"status\":\"pass\",\"desc"));
  CHECK(failure_in("health+json") ==
        "{\"status\":\"fail\",\"output\":\"unknown: rz.yaml:3:1: is | wrong\\n# TODO\"}\n");
}

TEST_CASE("only what is not healthy is listed, and everything counts") {
  HealthReport report = one_of_each_sort();
  report.only_failed = true;
  report.unchecked->components.front().status = "healthy";
  // These are compared with the report before, where what is missing would be gone.
  const std::set<std::string_view> with_all = {"prometheus", "openmetrics", "checkmk"};
  for (const std::string_view format : kNamesFor<HealthReport>) {
    CAPTURE(std::string(format));
    const std::string text = written(report, format);
    // The perfdata of nagios are of every check.
    const bool has_web = with_all.contains(format) || format == "nagios";
    CHECK((text.find("web") != std::string::npos) == has_web);
    CHECK((text.find("worker") != std::string::npos) == with_all.contains(format));
    CHECK(text.find("disk") != std::string::npos);
  }
  CHECK(written(report, "text").find("1 degraded, 2 unknown, 3 healthy (1 flaky)\n") !=
        std::string::npos);
  CHECK(written(report, "json").find("\"healthy\":3") != std::string::npos);
  CHECK(written(report, "junit").find(" tests=\"4\" failures=\"2\" errors=\"1\"") !=
        std::string::npos);
  CHECK(written(report, "tap").find("1..4\n") != std::string::npos);
  CHECK(written(report, "nagios").find("[OK]") == std::string::npos);
  CHECK(written(report, "nagios").find("'web latency'") != std::string::npos);
}

TEST_CASE(
    "text: what passed only when it was tried again says so, and what was not run took no time") {
  const std::string text = written(one_of_each_sort(), "text");
  CHECK(text.find("healthy    mail       1ms  250 (only when tried again)\n") != std::string::npos);
  CHECK(text.find("unknown    rows         -  skipped: see 'api'\n") != std::string::npos);
  CHECK(text.find("api") < text.find("disk"));
  CHECK(text.find("disk") < text.find("db"));
  CHECK(text.find("db") < text.find("mail"));
  CHECK(text.find("mail") < text.find("web"));
}

TEST_CASE("for people the cause stands before the address") {
  HealthReport report;
  const Error error{ErrorCode::unavailable, "Connection refused", "db.internal:5432"};
  report.run.results = {result_of("db", HealthStatus::unhealthy, to_string(error))};
  report.run.results.front().failure = error;
  for (const char* format : {"text", "nagios", "checkmk", "github"}) {
    CHECK(written(report, format).find("Connection refused (db.internal:5432)") !=
          std::string::npos);
  }
  CHECK(written(report, "json").find("db.internal:5432: Connection refused") != std::string::npos);
  // Whoever gave it another message meant that.
  report.run.results.front().message = "late";
  CHECK(written(report, "text").find("late\n") != std::string::npos);
}

TEST_CASE("what does not count is told in every format, and is no alarm in any") {
  HealthReport report = healthy_report();
  report.run.results.push_back(result_of("db", HealthStatus::unhealthy, "refused"));
  report.run.results.push_back(
      result_of("replica", HealthStatus::unknown, "skipped: run_if is false"));
  report.run.results[1].uncounted = "in maintenance until 04:00";
  report.run.results[2].uncounted = "run_if is false";
  report.run.results[2].skipped = true;
  CHECK(report.run.status() == HealthStatus::healthy);
  for (const std::string_view format : kNamesFor<HealthReport>) {
    CAPTURE(std::string(format));
    // A measurement has no room for a reason.
    const bool measures = format == "prometheus" || format == "openmetrics";
    const bool told =
        written(report, format).find("in maintenance until 04:00") != std::string::npos;
    CHECK(told != measures);
  }

  const std::string text = written(report, "text");
  CHECK(text.find("refused (not counted: in maintenance until 04:00)") != std::string::npos);
  CHECK(text.find("healthy: 1 healthy, 2 not counted\n") != std::string::npos);
  const auto json = parse_json(written(report, "json"));
  REQUIRE(json.has_value());
  CHECK(*json->find("status")->as_string() == "healthy");
  CHECK(*json->find("summary")->find("uncounted")->as_int() == 2);
  CHECK(json->find("void") == nullptr);
  const auto& checks = *json->find("checks")->as_array();
  CHECK(checks[0].find("uncounted") == nullptr);
  CHECK(*checks[1].find("uncounted")->as_string() == "in maintenance until 04:00");
  CHECK(checks[1].find("skipped") == nullptr);
  CHECK(*checks[2].find("skipped")->as_bool());
  const std::string nagios = written(report, "nagios");
  CHECK(nagios.starts_with("RZ OK - 1 healthy, 2 not counted | 'unhealthy'=0 "));
  CHECK(nagios.find("[OK] db: refused (not counted: in maintenance until 04:00)") !=
        std::string::npos);
  CHECK(nagios.find("CRITICAL") == std::string::npos);
  const std::string checkmk = written(report, "checkmk");
  CHECK(checkmk.find("0 \"rz db\" latency=0.0015;;;0 unhealthy: refused (not counted: ") !=
        std::string::npos);
  const std::string junit = written(report, "junit");
  CHECK(junit.find("skipped=\"2\"") != std::string::npos);
  CHECK(junit.find("failures=\"0\"") != std::string::npos);
  CHECK(junit.find("<skipped message=\"unhealthy: refused (not counted") != std::string::npos);
  const std::string tap = written(report, "tap");
  CHECK(tap.find("not ok 2 - db # TODO in maintenance until 04:00\n") != std::string::npos);
  CHECK(tap.find("ok 3 - replica # SKIP") != std::string::npos);
  const std::string github = written(report, "github");
  CHECK(github.find("::notice title=db is unhealthy::refused (not counted") != std::string::npos);
  CHECK(github.find("::error") == std::string::npos);
  CHECK(github.find("::warning") == std::string::npos);
  const std::string prometheus = written(report, "prometheus");
  CHECK(prometheus.find("rz_check_uncounted{check=\"db\",type=\"http\"} 1\n") != std::string::npos);
  CHECK(prometheus.find("rz_check_uncounted{check=\"good\",type=\"http\"} 0\n") !=
        std::string::npos);
  CHECK(prometheus.find("rz_health_status{status=\"healthy\"} 1\n") != std::string::npos);
  const std::string health_json = written(report, "health+json");
  CHECK(health_json.find("\"fail\"") == std::string::npos);
  const auto document = parse_json(health_json);
  REQUIRE(document.has_value());
  CHECK(*document->find("status")->as_string() == "pass");
  // A pass has no output, so one with an output is none.
  const Value& db = document->find("checks")->find("db:responseTime")->as_array()->front();
  CHECK(*db.find("status")->as_string() == "warn");
  CHECK(db.find("output")->as_string()->starts_with("unhealthy: refused (not counted"));
}

TEST_CASE("a void run is unknown in every format, and says why") {
  HealthReport report = three_checks("x");
  report.run.void_because = "this host could reach nothing";
  CHECK(written(report, "text").find("void: this host could reach nothing\n") != std::string::npos);
  const auto json = parse_json(written(report, "json"));
  REQUIRE(json.has_value());
  CHECK(*json->find("status")->as_string() == "unknown");
  CHECK(*json->find("void")->as_string() == "this host could reach nothing");
  CHECK(written(report, "nagios").starts_with("RZ UNKNOWN - void: "));
  const std::string checkmk = written(report, "checkmk");
  CHECK(checkmk.starts_with("3 \"rz\""));
  CHECK(checkmk.substr(0, checkmk.find('\n')).ends_with("; void: this host could reach nothing"));
  const std::string github = written(report, "github");
  CHECK(github.starts_with("::error title=the run is void::this host could reach nothing\n"));
  CHECK(github.ends_with("; void: this host could reach nothing\n"));
  CHECK(written(report, "health+json").find("void: this host could reach nothing") !=
        std::string::npos);
}

}  // namespace rz::reports
