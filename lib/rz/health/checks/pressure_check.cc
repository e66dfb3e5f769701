#include "rz/health/checks/pressure_check.h"

#include <array>
#include <string>

#include "rz/health/checks/basic_check.h"
#include "rz/health/checks/limits.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::health {
namespace {

constexpr std::array<Choice<PressureWindow>, 3> kWindows = {{{"10s", PressureWindow::ten_seconds},
                                                             {"1m", PressureWindow::minute},
                                                             {"5m", PressureWindow::five_minutes}}};

class PressureCheck final : public BasicCheck {
 public:
  PressureCheck(PressureCheckOptions options, PressureMeter meter)
      : BasicCheck(PressureCheckOptions::kType, options),
        options_(std::move(options)),
        meter_(std::move(meter)) {}

  CheckResult check() override {
    struct Resource {
      const char* name;
      Limits<double> some;
      Limits<double> full;
      bool has_full;
    };
    // All tasks wait for a CPU only within a control group, never on a whole machine.
    const std::array<Resource, 3> resources = {
        {{"cpu", {options_.cpu_warning, options_.cpu_critical}, {}, false},
         {"memory",
          {options_.memory_warning, options_.memory_critical},
          {options_.memory_full_warning, options_.memory_full_critical},
          true},
         {"io",
          {options_.io_warning, options_.io_critical},
          {options_.io_full_warning, options_.io_full_critical},
          true}}};
    Findings findings;
    Value metadata = Value::object();
    std::string message;
    for (const Resource& resource : resources) {
      const auto pressure = meter_(resource.name);
      if (!pressure) return failed(pressure.error());
      const std::string name = resource.name;
      const double some = pressure->some[options_.window];
      message += (message.empty() ? "waiting for " : ", ") + name + " " + shown_percent(some);
      metadata.set(name + "_some_percent", some);
      set_most(metadata, name + "_some_percent", resource.some.warning, resource.some.critical);
      judge_percent(findings, some, "waiting for " + name, resource.some);
      if (!resource.has_full) continue;
      if (!pressure->full) {
        return failed(
            fail_own_side(ErrorCode::unavailable,
                          "the kernel does not tell for how long all tasks waited for " + name)
                .value());
      }
      const double full = (*pressure->full)[options_.window];
      metadata.set(name + "_full_percent", full);
      set_most(metadata, name + "_full_percent", resource.full.warning, resource.full.critical);
      judge_percent(findings, full, "at a standstill for " + name, resource.full);
    }
    message += std::string(" of the last ") + window_name();
    return answer(findings.status(), findings.after(message), std::move(metadata));
  }

 private:
  const char* window_name() const {
    return kWindows[static_cast<std::size_t>(options_.window)].name;
  }

  PressureCheckOptions options_;
  PressureMeter meter_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, PressureCheckOptions& options) {
  fields.choice(
      {"window", "The time of which the limits are a share; the kernel keeps these three.", "5m"},
      options.window, std::span<const Choice<PressureWindow>>(kWindows));
  fields.percent({"cpu_warning",
                  "With some task waiting for a CPU for this share of the window it is degraded."},
                 options.cpu_warning);
  fields.percent(
      {"cpu_critical",
       "With some task waiting for a CPU for this share of the window it is unhealthy.", "95%"},
      options.cpu_critical);
  fields.percent({"memory_warning",
                  "With some task waiting for memory for this share of the window it is degraded."},
                 options.memory_warning);
  fields.percent(
      {"memory_critical",
       "With some task waiting for memory for this share of the window it is unhealthy.", "50%"},
      options.memory_critical);
  fields.percent(
      {"memory_full_warning",
       "With all tasks waiting for memory for this share of the window it is degraded.", "20%"},
      options.memory_full_warning);
  fields.percent(
      {"memory_full_critical",
       "With all tasks waiting for memory for this share of the window it is unhealthy."},
      options.memory_full_critical);
  fields.percent(
      {"io_warning",
       "With some task waiting for input or output for this share of the window it is degraded."},
      options.io_warning);
  fields.percent(
      {"io_critical",
       "With some task waiting for input or output for this share of the window it is unhealthy.",
       "95%"},
      options.io_critical);
  fields.percent(
      {"io_full_warning",
       "With all tasks waiting for input or output for this share of the window it is degraded.",
       "50%"},
      options.io_full_warning);
  fields.percent(
      {"io_full_critical",
       "With all tasks waiting for input or output for this share of the window it is unhealthy.",
       "80%"},
      options.io_full_critical);
  const auto refuse = [&fields](const char* key, const std::optional<double>& warning,
                                const std::optional<double>& critical) {
    refuse_needless_warning(fields, key, Limits<double>{warning, critical});
  };
  refuse("cpu_warning", options.cpu_warning, options.cpu_critical);
  refuse("memory_warning", options.memory_warning, options.memory_critical);
  refuse("memory_full_warning", options.memory_full_warning, options.memory_full_critical);
  refuse("io_warning", options.io_warning, options.io_critical);
  refuse("io_full_warning", options.io_full_warning, options.io_full_critical);
}

std::shared_ptr<HealthCheck> make_pressure_check(PressureCheckOptions options,
                                                 PressureMeter meter) {
  return std::make_shared<PressureCheck>(std::move(options), std::move(meter));
}

std::shared_ptr<HealthCheck> make_health_check(const PressureCheckOptions& options,
                                               const CheckDependencies&) {
  return make_pressure_check(options);
}

}  // namespace rz::health
