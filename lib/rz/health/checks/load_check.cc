#include "rz/health/checks/load_check.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>

#include "rz/health/checks/basic_check.h"
#include "rz/health/checks/limits.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::health {
namespace {

constexpr Range<double> kLoadRange = {0, 100'000};
constexpr std::array<const char*, 3> kLoadNames = {"load1", "load5", "load15"};

class LoadCheck final : public BasicCheck {
 public:
  LoadCheck(LoadCheckOptions options, std::function<Result<LoadAverages>()> meter)
      : BasicCheck(LoadCheckOptions::kType, options),
        options_(std::move(options)),
        meter_(std::move(meter)) {}

  CheckResult check() override {
    const auto averages = meter_();
    if (!averages) return failed(averages.error());
    const std::array<Limits<double>, 3> limits = {
        {{options_.load1_warning, options_.load1_critical},
         {options_.load5_warning, options_.load5_critical},
         {options_.load15_warning, options_.load15_critical}}};
    const double divisor = options_.per_cpu ? std::max(1u, averages->cpus) : 1;
    Findings findings;
    Value metadata = Value::object();
    std::string message = "load";
    for (std::size_t i = 0; i < kLoadNames.size(); ++i) {
      const double load = averages->load[i] / divisor;
      metadata.set(kLoadNames[i], load);
      set_most(metadata, kLoadNames[i], limits[i].warning, limits[i].critical);
      message += fmt::format("{} {:.2f}", i == 0 ? "" : ",", load);
      judge(findings, kLoadNames[i], load, limits[i]);
    }
    message += " over 1, 5 and 15 minutes";
    if (options_.per_cpu) message += fmt::format(", per CPU of {}", averages->cpus);
    metadata.set("cpus", static_cast<std::int64_t>(averages->cpus));
    metadata.set("per_cpu", options_.per_cpu);
    return answer(findings.status(), findings.after(message), std::move(metadata));
  }

 private:
  static void judge(Findings& findings, const char* name, double load,
                    const Limits<double>& limits) {
    const bool critical = limits.critical && load >= *limits.critical;
    if (!critical && !(limits.warning && load >= *limits.warning)) return;
    findings.add(critical ? HealthStatus::unhealthy : HealthStatus::degraded,
                 fmt::format("{} {} from {}", name, critical ? "critical" : "warning",
                             format_double(critical ? *limits.critical : *limits.warning)));
  }

  LoadCheckOptions options_;
  std::function<Result<LoadAverages>()> meter_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, LoadCheckOptions& options) {
  fields.boolean({"per_cpu",
                  "Whether the limits are those of one CPU: the load is divided by the "
                  "number of CPUs."},
                 options.per_cpu);
  fields.number({"load1_warning", "From this load of the last minute on it is degraded.", "4"},
                options.load1_warning, kLoadRange);
  fields.number({"load1_critical", "From this load of the last minute on it is unhealthy.", "20"},
                options.load1_critical, kLoadRange);
  fields.number({"load5_warning", "From this load of the last 5 minutes on it is degraded."},
                options.load5_warning, kLoadRange);
  fields.number({"load5_critical", "From this load of the last 5 minutes on it is unhealthy."},
                options.load5_critical, kLoadRange);
  fields.number(
      {"load15_warning", "From this load of the last 15 minutes on it is degraded.", "1.5"},
      options.load15_warning, kLoadRange);
  fields.number(
      {"load15_critical", "From this load of the last 15 minutes on it is unhealthy.", "5"},
      options.load15_critical, kLoadRange);
  refuse_needless_warning(fields, "load1_warning",
                          Limits<double>{options.load1_warning, options.load1_critical});
  refuse_needless_warning(fields, "load5_warning",
                          Limits<double>{options.load5_warning, options.load5_critical});
  refuse_needless_warning(fields, "load15_warning",
                          Limits<double>{options.load15_warning, options.load15_critical});
}

Result<LoadAverages> measure_load() {
  LoadAverages averages;
  if (::getloadavg(averages.load.data(), 3) != 3) {
    return fail_own_side(ErrorCode::unavailable, "the system does not tell its load");
  }
  // Of the machine, not those that this process may use: the load counts all of it.
  averages.cpus = static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  return averages;
}

std::shared_ptr<HealthCheck> make_load_check(LoadCheckOptions options,
                                             std::function<Result<LoadAverages>()> meter) {
  return std::make_shared<LoadCheck>(std::move(options), std::move(meter));
}

std::shared_ptr<HealthCheck> make_health_check(const LoadCheckOptions& options,
                                               const CheckDependencies&) {
  return make_load_check(options);
}

}  // namespace rz::health
