#include "rz/reports/load_report.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "rz/base/json.h"
#include "rz/reports/formats.h"
#include "support/results.h"
#include "written.h"

namespace rz::reports {
namespace {

using bench::LoadError;
using std::chrono::milliseconds;
using testing::written;

/// 100 answers of 1 to 100 ms in two seconds, one of them a 503; two that failed.
LoadReport known_report(bool open) {
  LoadReport report;
  report.options.url = "http://user@127.0.0.1:8080/x?secret";
  report.options.connections = 4;
  bench::LoadResult& result = report.result;
  result.open_loop = open;
  result.elapsed = result.sending = milliseconds{2'000};
  result.answered = 100;
  result.statuses = {0, 0, 99, 0, 0, 1};
  result.errors[static_cast<std::size_t>(LoadError::timeout)] = 1;
  result.errors[static_cast<std::size_t>(LoadError::chunk)] = 1;
  result.bytes = 204'800;
  result.connections = 4;
  result.processor_share = 0.25;
  for (int ms = 1; ms <= 100; ++ms) result.latency.record(milliseconds{ms});
  result.first_byte.record(milliseconds{1});
  result.connect.record(milliseconds{2});
  result.endpoints.push_back({"GET /x", 100, 3, {}});
  result.seconds = {{60, 1, milliseconds{50}}, {40, 2, milliseconds{100}}};
  if (open) {
    report.options.rate = 51;
    result.queued = 7;
    result.dropped = 3;
    result.lateness.record(milliseconds{0});
  }
  return report;
}

TEST_CASE("text shows a closed loop with both columns") {
  const std::string text = written(known_report(false), "text");
  CHECK(
      text.starts_with("http://127.0.0.1:8080/x  closed loop, 4 connections, HTTP/1.1\n\n"
                       "answers     100 in 2.00 s: 50.0/s, 100.0 KiB/s\n"
                       "status      2xx 99, 5xx 1\n"
                       "errors      3 (2.94%)\n"
                       "  1 timeout: no complete answer came in time\n"
                       "  1 bad_chunk: a chunk of a body is damaged\n"
                       "by second   █▆\n"
                       "sender      25% of a core\n\n"
                       "LATENCY      RAW  CORRECTED\n"
                       "min      1.00 ms    1.00 ms\n"));
  CHECK(text.find("secret") == std::string::npos);
  CHECK(text.find("first byte  1.00 ms  1.00 ms  1.00 ms\n") != std::string::npos);
}

TEST_CASE("text shows an open loop, and what was queued and dropped") {
  const std::string text = written(known_report(true), "text");
  CHECK(text.find("open loop, 51 requests/s, 4 connections") != std::string::npos);
  CHECK(text.find("  3 dropped: no connection was free for them\n") != std::string::npos);
  CHECK(text.find("queued      7 waited for a connection\n") != std::string::npos);
  CHECK(text.find("CORRECTED") == std::string::npos);
  CHECK(text.find("lateness") != std::string::npos);
}

TEST_CASE("the document has every figure") {
  const Value document = ok(parse_json(written(known_report(true), "json")));
  CHECK(*document.find("schema")->as_string() == "rz.bench.http/1");
  CHECK(*document.find("url")->as_string() == "http://127.0.0.1:8080/x");
  CHECK(*document.find("requests")->as_int() == 102);
  CHECK(to_json(*document.find("errors")) ==
        R"({"timeout":1,"bad_chunk":1,"status_5xx":1,"dropped":3})");
  CHECK(*document.find("error_rate")->as_double() == doctest::Approx(6.0 / 105));
  CHECK(*document.find("requested_rate")->as_double() == 51);
  CHECK(*document.find("achieved_rate")->as_double() == 51);
  CHECK(document.find("latency_corrected_ms") == nullptr);
  CHECK(*document.find("latency_ms")->find("p50")->as_double() ==
        doctest::Approx(50).epsilon(0.001));
  CHECK(*document.find("latency_ms")->find("max")->as_double() == 100);
  CHECK(
      to_json(*document.find("seconds")) ==
      R"([{"answers":60,"errors":1,"p50_ms":0.0,"p99_ms":0.0,"max_ms":50.0},{"answers":40,"errors":2,"p50_ms":0.0,"p99_ms":0.0,"max_ms":100.0}])");
  CHECK(document.find("phases_ms")->find("tls")->is_null());
  CHECK(ok(parse_json(written(known_report(false), "json"))).find("latency_corrected_ms") !=
        nullptr);
}

TEST_CASE("a late sender is said in every format for people") {
  LoadReport report = known_report(true);
  report.result.lateness.record(milliseconds{5}, 10);
  CHECK(written(report, "markdown").find("not valid") != std::string::npos);
  CHECK(written(report, "github").find("::warning title=load is not valid::") != std::string::npos);
  CHECK(*ok(parse_json(written(report, "json"))).find("valid")->as_bool() == false);
}

TEST_CASE("thresholds have their values, and what cannot be judged is neither met nor missed") {
  LoadReport report = known_report(false);
  for (const char* text : {"p99<1s", "error_rate<1%", "tls_p50<1s"}) {
    const auto outcomes = bench::judge({ok(bench::parse_threshold(text))}, report.result);
    report.thresholds.push_back(outcomes.front());
  }
  const std::string text = written(report, "text");
  CAPTURE(text);
  CHECK(text.find("p99<1s         99.0 ms  met\n") != std::string::npos);
  CHECK(text.find("error_rate<1%    2.94%  missed\n") != std::string::npos);
  CHECK(text.find("tls_p50<1s           -  unknown\n") != std::string::npos);
  const std::string github = written(report, "github");
  CHECK(
      github.starts_with("::error title=threshold of the load::error_rate<1%25: 2.94%25\n"
                         "::warning title=threshold of the load::tls_p50<1s: unknown\n"
                         "::warning title=errors of the load::1 timeout, 1 bad_chunk, "
                         "1 status 5xx\n"
                         "::notice title=load on http%3A//127.0.0.1%3A8080/x::"));
  const Value document = ok(parse_json(written(report, "json")));
  const Value::Array& outcomes = *document.find("thresholds")->as_array();
  CHECK(*outcomes[0].find("met")->as_bool());
  CHECK_FALSE(*outcomes[1].find("met")->as_bool());
  CHECK(outcomes[2].find("met")->is_null());
  CHECK(outcomes[2].find("value")->is_null());
}

TEST_CASE("CSV has a row for all, for the correction, and for each of several endpoints") {
  LoadReport report = known_report(false);
  report.result.endpoints.push_back({"=cmd", 1, 0, {}});
  const std::string csv = written(report, "csv");
  CHECK(
      csv.starts_with("endpoint,answers,errors,min_ms,mean_ms,p50_ms,p75_ms,p90_ms,p95_ms,p99_ms,"
                      "p99.9_ms,p99.99_ms,max_ms,valid,interrupted,requested_rate,achieved_rate,"
                      "throughput_rps,error_rate,queued,dropped,abandoned,bytes,status_1xx,"));
  CHECK(csv.find("\r\nall,100,3,1.000000,50.500000,") != std::string::npos);
  // Behind the latencies of that row: valid, and so on.
  CHECK(csv.find(",true,false,,51,50,0.0294118,0,0,0,204800,0,99,0,0,1,") != std::string::npos);
  CHECK(csv.find(",error_timeout,") != std::string::npos);
  CHECK(csv.find("\r\nphase: connect,1,,2.000000,") != std::string::npos);
  CHECK(csv.find("\r\n\"all, corrected\",") != std::string::npos);
  CHECK(csv.find("\r\nGET /x,100,3,") != std::string::npos);
}

TEST_CASE("a table of CSV has the verdict on each threshold") {
  LoadReport report = known_report(true);
  report.thresholds = bench::judge({ok(bench::parse_threshold("error_rate<1%"))}, report.result);
  const std::string csv = written(report, "csv");
  CHECK(csv.find(",threshold error_rate<1%\r\n") != std::string::npos);
  CHECK(csv.find(",missed\r\n") != std::string::npos);
  CHECK(csv.find("\r\nphase: lateness,1,,") != std::string::npos);
}

TEST_CASE("Markdown tells errors by kind, statuses, rates, phases and endpoints") {
  LoadReport report = known_report(true);
  report.result.endpoints.push_back({"GET /y", 7, 1, {}});
  const std::string text = written(report, "markdown");
  for (const char* row : {"| rate asked for | 51.0/s |", "| rate | 51.0/s |", "| status 2xx | 99 |",
                          "| status 5xx | 1 |", "| error timeout | 1 |",
                          "| error bad\\_chunk | 1 |", "| queued | 7 |", "| dropped | 3 |",
                          "| connect | 2.00 ms | 2.00 ms | 2.00 ms |", "| GET /y | 7 | 1 |"}) {
    CAPTURE(row);
    CAPTURE(text);
    CHECK(text.find(row) != std::string::npos);
  }
}

TEST_CASE("a search shows its steps, and what it found") {
  LoadReport report = known_report(true);
  const auto goals = bench::judge({ok(bench::parse_threshold("p99<1s"))}, report.result);
  report.search = LoadSearch{{{100, true, false, goals}, {200, false, true, goals}}, 100, true};
  const std::string text = written(report, "text");
  CHECK(text.find("100.0 requests/s is the highest rate that meets the goals, to 5 %\n") !=
        std::string::npos);
  CHECK(text.find("the sender is late\n") != std::string::npos);
  CHECK(written(report, "markdown").find("| 200.0/s | p99") != std::string::npos);
  report.search->best = 0;
  CHECK(written(report, "text").find("no rate meets the goals\n") != std::string::npos);
}

TEST_CASE("values for people") {
  using bench::LoadUnit;
  CHECK(humanize_load_value(412'345, LoadUnit::nanoseconds) == "412 µs");
  CHECK(humanize_load_value(std::numeric_limits<double>::infinity(), LoadUnit::nanoseconds) ==
        "no answer");
  CHECK(humanize_load_value(1.234, LoadUnit::percent) == "1.23%");
  CHECK(humanize_load_value(1234, LoadUnit::count) == "1234");
  CHECK(humanize_load_value(99.95, LoadUnit::per_second) == "100.0/s");
}

}  // namespace
}  // namespace rz::reports
