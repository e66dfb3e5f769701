#include "rz/reports/health_metrics.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "rz/reports/writing/measurements.h"

namespace rz::reports {
namespace {

constexpr HealthStatus kStatuses[] = {HealthStatus::healthy, HealthStatus::degraded,
                                      HealthStatus::unhealthy, HealthStatus::unknown};

// One of them is 1, so that a query need not know numbers, and an earlier status does not stay.
void add_states(const MetricFamily::Labels& labels, HealthStatus status, MetricFamily& family) {
  for (const HealthStatus one : kStatuses) {
    MetricFamily::Labels with_status = labels;
    with_status.emplace_back("status", to_string(one));
    family.add(std::move(with_status), one == status ? 1 : 0);
  }
}

MetricFamily::Labels labels_of(const CheckResult& result) {
  return {{"check", result.name}, {"type", result.type}};
}

/// The families of what checks measured, one for each base unit.
class MeasuredFamilies {
 public:
  void add(const CheckResult& result) {
    for (const Measurement& measured : measurements_of(result)) {
      if (!measured.value || measured.name == "latency") continue;
      MetricFamily::Labels labels = labels_of(result);
      labels.emplace_back("measurement", measured.name);
      add(measured.unit, *measured.value, std::move(labels));
    }
  }

  void move_to(std::vector<MetricFamily>& families) {
    for (MetricFamily* family : {&seconds_, &bytes_, &ratio_, &other_}) {
      families.push_back(std::move(*family));
    }
  }

 private:
  void add(const std::string& unit, double value, MetricFamily::Labels labels) {
    if (unit == "s") return seconds_.add(std::move(labels), value);
    if (unit == "ms") return seconds_.add(std::move(labels), value / 1e3);
    if (unit == "us") return seconds_.add(std::move(labels), value / 1e6);
    if (unit == "B") return bytes_.add(std::move(labels), value);
    if (unit == "%") return ratio_.add(std::move(labels), value / 100);
    // A plugin's KB may be 1000 or 1024 bytes, so it is left as it is.
    labels.emplace_back("unit", unit);
    other_.add(std::move(labels), value);
  }

  MetricFamily seconds_{"rz_check_measured_seconds", "seconds", "A time that the check measured."};
  MetricFamily bytes_{"rz_check_measured_bytes", "bytes", "A size that the check measured."};
  MetricFamily ratio_{"rz_check_measured_ratio", "ratio",
                      "A share that the check measured, from 0 to 1."};
  MetricFamily other_{"rz_check_measured", "", "Any other number that the check measured."};
};

}  // namespace

std::vector<MetricFamily> metric_families(const HealthReport& report) {
  MetricFamily overall("rz_health_status", "", "1 for the status of everything, 0 for the others.");
  MetricFamily duration("rz_health_run_duration_seconds", "seconds", "How long the run took.");
  MetricFamily when("rz_health_run_timestamp_seconds", "seconds", "When the checks were run.");
  MetricFamily status("rz_check_status", "", "1 for the status of the check, 0 for the others.");
  MetricFamily latency("rz_check_latency_seconds", "seconds", "How long the check took.");
  MetricFamily flaky("rz_check_flaky", "", "1 if it is healthy only because it was tried again.");
  MetricFamily skipped("rz_check_skipped", "",
                       "1 if it was not run, as a check that it depends on is unhealthy.");
  MetricFamily uncounted("rz_check_uncounted", "",
                         "1 if it does not count, as in maintenance, 0 if it does.");
  MetricFamily component("rz_component_status", "",
                         "1 for the status of what counts without a check, 0 for the others.");
  MeasuredFamilies measured;
  add_states({}, report.with_components().status(), overall);
  duration.add({}, report.run.duration_ms / 1000);
  when.add({}, std::chrono::duration<double>(report.run.timestamp.time_since_epoch()).count());
  for (const ReportLine& line : report.lines()) {
    const CheckResult& result = line.result;
    if (!line.has_check) {
      add_states({{"component", result.name}}, result.status, component);
      continue;
    }
    add_states(labels_of(result), result.status, status);
    if (!result.skipped) latency.add(labels_of(result), result.latency_ms / 1000);
    flaky.add(labels_of(result), line.flaky() ? 1 : 0);
    skipped.add(labels_of(result), result.skipped ? 1 : 0);
    uncounted.add(labels_of(result), line.counts() ? 0 : 1);
    measured.add(result);
  }
  std::vector<MetricFamily> families{overall, duration, when,      status,   latency,
                                     flaky,   skipped,  uncounted, component};
  measured.move_to(families);
  return families;
}

}  // namespace rz::reports
