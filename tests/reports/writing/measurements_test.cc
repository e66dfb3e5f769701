#include "rz/reports/writing/measurements.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "reports/health_results.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::reports {
namespace {

/// `name=value[unit];warning;critical;min;max` of each.
std::string shown(const Value& metadata) {
  CheckResult result = testing::result_of("x", HealthStatus::healthy, "");
  result.metadata = metadata;
  std::string all;
  for (const Measurement& one : measurements_of(result)) {
    all += one.name + "=" + (one.value ? plain_number(*one.value) : "U") + one.unit + ";" +
           one.warning + ";" + one.critical + ";" + one.min + ";" + one.max + "\n";
  }
  return all;
}

const std::string kLatency = "latency=0.0015s;;;0;\n";

}  // namespace

TEST_CASE("a measurement has the unit that its name tells") {
  CHECK(shown(Value::object()) == kLatency);
  CHECK(shown(Value::object({{"usage_percent", 41.25},
                             {"available_bytes", 1'000'000'000'000},
                             {"duration_ms", 2.5},
                             {"age_seconds", 3},
                             {"error_count", 7},
                             {"warning", 80.0},
                             {"critical", 95.5}})) ==
        kLatency +
            "usage=41.25%;;;;\navailable=1000000000000B;;;;\nduration=0.0025s;;;;\n"
            "age=3s;;;;\nerror_count=7;;;;\n");
}

TEST_CASE("each measurement has the limits that its check gives for it, in its unit") {
  Value metadata = Value::object({{"used_percent", 41.25},
                                  {"swap_percent", 1},
                                  {"available_bytes", 5'000'000'000},
                                  {"rtt_ms", 2.5},
                                  {"offset_seconds", 0.25},
                                  {"count", 7}});
  health::set_most(metadata, "used_percent", 80, 95.5);
  health::set_most(metadata, "swap_percent", std::nullopt, 90);
  health::set_least(metadata, "available_bytes", 2'000'000'000, 1'000'000'000);
  health::set_most(metadata, "rtt_ms", LatencyLimits{Millis{100}, Millis{1500}});
  health::set_range(metadata, "offset_seconds", "warning", -0.1, 0.1);
  health::set_range(metadata, "count", "critical", 1, 8);
  health::set_most(metadata, "latency_ms", LatencyLimits{Millis{250}, std::nullopt});
  CHECK(shown(metadata) ==
        "latency=0.0015s;0.25;;0;\n"
        "used=41.25%;80;95.5;;\nswap=1%;;90;;\n"
        "available=5000000000B;2000000000:;1000000000:;;\n"
        "rtt=0.0025s;0.1;1.5;;\noffset=0.25s;-0.1:0.1;;;\ncount=7;;1:8;;\n");
}

TEST_CASE("limits that are none are left out") {
  for (const Value& limits :
       {Value("none"), Value::object({{"n", 3}}), Value::object({{"n", Value::object()}}),
        Value::object({{"n", Value::object({{"warning", "x'|y"}, {"critical", Value::array()}})}}),
        Value::object({{"m", Value::object({{"warning", 3}})}})}) {
    CHECK(shown(Value::object({{"n", 1}, {"limits", limits}})) == kLatency + "n=1;;;;\n");
  }
}

TEST_CASE("settings, texts and what is no number are not measured") {
  CHECK(shown(Value::object({{"expected_status", 200},
                             {"attempts", 2},
                             {"flaky", true},
                             {"url", "http://x"},
                             {"list", Value::array({1, 2})},
                             {"nan", std::nan("")}})) == kLatency);
  CHECK(shown(Value("no object")) == kLatency);
}

TEST_CASE("the perfdata of a plugin keeps its units and ranges, and nothing that is neither") {
  const Value item = Value::object({{"value", 5},
                                    {"unit", "MB"},
                                    {"warning", "10:20"},
                                    {"critical", 30},
                                    {"min", 0},
                                    {"max", "x'|y"}});
  CHECK(shown(Value::object({{"perfdata", Value::object({{"/", item}})}})) ==
        kLatency + "/=5MB;10:20;30;0;\n");
  const Value unknown = Value::object({{"value", nullptr}, {"unit", "furlong"}});
  CHECK(shown(Value::object({{"perfdata", Value::object({{"/", unknown}})}})) ==
        kLatency + "/=U;;;;\n");
  CHECK(shown(Value::object({{"phases", Value::object({{"dns_ms", 1}})}})) ==
        kLatency + "phases.dns=0.001s;;;;\n");
}

TEST_CASE("a large document as metadata does not fill a report") {
  Value metadata = Value::object();
  for (int i = 0; i < 1000; ++i) metadata.set("n" + std::to_string(i), i);
  CheckResult result = testing::result_of("x", HealthStatus::healthy, "");
  result.metadata = metadata;
  CHECK(measurements_of(result).size() == 50);
}

TEST_CASE("a check that was not run measured nothing") {
  CheckResult result = testing::result_of("x", HealthStatus::unknown, "");
  result.skipped = true;
  CHECK(measurements_of(result).empty());
}

TEST_CASE("numbers have no exponent, whatever their size") {
  CHECK(plain_number(0) == "0");
  CHECK(plain_number(-0.0) == "0");
  CHECK(plain_number(1.5) == "1.5");
  CHECK(plain_number(0.1 + 0.2) == "0.3");
  CHECK(plain_number(-12.25) == "-12.25");
  CHECK(plain_number(1e-9) == "0.000000001");
  CHECK(plain_number(1e21) == "1000000000000000000000");
  CHECK(plain_number(std::numeric_limits<double>::max()).find('e') == std::string::npos);
  CHECK(plain_number(std::numeric_limits<double>::denorm_min()).find('e') == std::string::npos);
  CHECK(plain_number(std::nan("")) == "U");
  CHECK(plain_number(HUGE_VAL) == "U");
}

}  // namespace rz::reports
