#include "rz/reports/saved_load.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "rz/base/json.h"
#include "rz/reports/formats.h"
#include "support/results.h"
#include "written.h"

namespace rz::reports {
namespace {

using std::chrono::milliseconds;
using testing::written;

/// Something in every member.
LoadReport whole_load() {
  LoadReport report;
  report.options.url = "http://user@127.0.0.1:8080/x?secret";
  report.options.connections = 4;
  report.options.rate = 51;
  report.options.arrivals = bench::Arrivals::poisson;
  bench::LoadResult& result = report.result;
  result.open_loop = true;
  result.elapsed = milliseconds{2'000};
  result.sending = milliseconds{1'900};
  result.answered = 100;
  result.statuses = {0, 0, 99, 0, 0, 1};
  result.errors[2] = 7;
  result.queued = 7;
  result.dropped = 3;
  result.bytes = 204'800;
  result.processor = milliseconds{9};
  result.processor_share = 0.25;
  for (int ms = 1; ms <= 100; ++ms) result.latency.record(milliseconds{ms});
  result.first_byte.record(milliseconds{1});
  result.lateness.record(std::chrono::nanoseconds{0});
  result.endpoints = {{"GET /x", 60, 3, result.latency}, {"GET /y", 40, 0, {}}};
  result.seconds = {{60, 1, milliseconds{50}, milliseconds{20}, milliseconds{48}},
                    {40, 2, milliseconds{100}, milliseconds{60}, milliseconds{99}}};
  result.first_failure = "refused\n";
  report.thresholds = {
      {ok(bench::parse_threshold("p95<500ms")), 9.5e7},
      {ok(bench::parse_threshold("p99.9<1ms")), std::numeric_limits<double>::infinity()},
      {ok(bench::parse_threshold("tls_p50<1ms")), std::nullopt}};
  report.search =
      LoadSearch{{{100, true, false, report.thresholds, shown_percentiles(result.latency)},
                  {200, false, true, {}, {}}},
                 100,
                 true};
  report.machine = Value::object({{"cpu", "x"}});
  return report;
}

Result<LoadReport> read_back(const Value& document) {
  return load_report_from(ok(parse_json(to_json(document))), "kept.json");
}

/// The document with another value at `key`, of the first object that has it.
Value with(Value document, const std::string& key, const Value& value) {
  document.set(key, value);
  return document;
}

std::string refusal(const Value& document) {
  const auto read = read_back(document);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == ErrorCode::corrupt);
  return to_string(read.error());
}

}  // namespace

TEST_CASE("every report of a load that was kept is that of the load") {
  const LoadReport report = whole_load();
  const auto read = read_back(to_stored(report));
  REQUIRE_MESSAGE(read.has_value(), to_string(read.error()));
  for (const std::string_view format : kNamesFor<LoadReport>) {
    CAPTURE(format);
    CHECK(written(*read, std::string(format)) == written(report, std::string(format)));
  }
  CHECK(to_json(to_stored(*read)) == to_json(to_stored(report)));
  CHECK(to_json(to_stored(report)).find("secret") == std::string::npos);
}

TEST_CASE("a load that was kept and damaged is refused, with the place") {
  const Value whole = to_stored(whole_load());
  CHECK(refusal(with(whole, "answered", -1)) == "kept.json: answered: expected a count, got -1");
  CHECK(refusal(with(whole, "answered", 99)) ==
        "kept.json: statuses: the statuses are not as many as the answers");
  CHECK(refusal(with(whole, "url", 5)) == "kept.json: url: expected a text, got 5");
  CHECK(refusal(with(whole, "errors", Value::array({1}))) ==
        "kept.json: errors: expected a list of 15, got array");
  CHECK(refusal(with(whole, "seconds", Value::array({1}))) ==
        "kept.json: seconds[0]: expected an object, got 1");
  CHECK(refusal(Value::object({{"schema", kSavedLoadSchema}})) == "kept.json: url: is missing");
  const auto histogram = [](const Value& buckets, double sum) {
    return Value::object(
        {{"min", 1}, {"max", 3}, {"sum", sum}, {"squares", 0}, {"buckets", buckets}});
  };
  const auto bucket = [](int number, int count) { return Value::array({number, count}); };
  CHECK(refusal(with(whole, "tls", histogram(Value::array({bucket(3, 1), bucket(1, 1)}), 4))) ==
        "kept.json: tls: the buckets of a histogram are not in their order");
  CHECK(refusal(with(whole, "tls", histogram(Value::array({bucket(999'999, 1)}), 4))) ==
        "kept.json: tls: the buckets of a histogram are not in their order");
  CHECK(refusal(with(whole, "tls", histogram(Value::array({bucket(1, 1), bucket(4, 1)}), 4))) ==
        "kept.json: tls: the figures of a histogram are not those of its buckets");
  CHECK(refusal(with(whole, "tls", histogram(Value::array({bucket(1, 1), bucket(3, 1)}), 0))) ==
        "kept.json: tls: the figures of a histogram are not those of its buckets");
}

TEST_CASE("no byte of a kept load breaks its reader") {
  const std::string whole = to_json(to_stored(whole_load()));
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string damaged = whole;
    damaged[at] = '9';
    const auto document = parse_json(damaged);
    if (!document) continue;
    const auto read = load_report_from(*document, "x");
    if (read) CHECK_FALSE(written(*read, "text").empty());
  }
}

}  // namespace rz::reports
