#include "rz/health/checks/memory_check.h"

#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/checks/limits.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::health {
namespace {

class MemoryCheck final : public BasicCheck {
 public:
  MemoryCheck(MemoryCheckOptions options, MemoryMeter meter)
      : BasicCheck(MemoryCheckOptions::kType, options),
        options_(std::move(options)),
        meter_(std::move(meter)) {}

  CheckResult check() override {
    const auto usage = meter_();
    if (!usage) return failed(usage.error());
    Findings findings;
    judge_percent(findings, usage->used_percent, "", {options_.warning, options_.critical});
    judge_bytes_left(findings, usage->available_bytes, "available",
                     {options_.available_warning, options_.available_critical});
    // A machine without swap has not used it up.
    if (usage->swap_total_bytes > 0) {
      judge_percent(findings, usage->swap_used_percent, "of swap used",
                    {options_.swap_warning, options_.swap_critical});
    }
    const std::string message = shown_percent(usage->used_percent) + " used, " +
                                humanize_size(usage->available_bytes) + " available of " +
                                humanize_size(usage->total_bytes) +
                                (usage->limited ? ", the limit of the control group" : "");
    Value metadata = Value::object({{"used_percent", usage->used_percent},
                                    {"available_bytes", usage->available_bytes},
                                    {"total_bytes", usage->total_bytes},
                                    {"swap_used_percent", usage->swap_used_percent},
                                    {"swap_total_bytes", usage->swap_total_bytes},
                                    {"limited", usage->limited},
                                    {"warning", options_.warning},
                                    {"critical", options_.critical}});
    set_most(metadata, "used_percent", options_.warning, options_.critical);
    set_least(metadata, "available_bytes", limit_as_number(options_.available_warning),
              limit_as_number(options_.available_critical));
    set_most(metadata, "swap_used_percent", options_.swap_warning, options_.swap_critical);
    return answer(findings.status(), findings.after(message), std::move(metadata));
  }

 private:
  MemoryCheckOptions options_;
  MemoryMeter meter_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, MemoryCheckOptions& options) {
  fields.percent({"warning", "From this share used on it is degraded."}, options.warning);
  fields.percent({"critical", "From this share used on it is unhealthy."}, options.critical);
  fields.size({"available_warning", "With less than this available it is degraded.", "1GiB"},
              options.available_warning);
  fields.size({"available_critical", "With less than this available it is unhealthy.", "256MiB"},
              options.available_critical);
  fields.percent({"swap_warning", "From this share of the swap used on it is degraded.", "50%"},
                 options.swap_warning);
  fields.percent({"swap_critical", "From this share of the swap used on it is unhealthy.", "90%"},
                 options.swap_critical);
  refuse_needless_warning(fields, "warning", Limits<double>{options.warning, options.critical});
  refuse_needless_warning(
      fields, "available_warning",
      Limits<std::uint64_t>{options.available_warning, options.available_critical}, false);
  refuse_needless_warning(fields, "swap_warning",
                          Limits<double>{options.swap_warning, options.swap_critical});
}

std::shared_ptr<HealthCheck> make_memory_check(MemoryCheckOptions options, MemoryMeter meter) {
  return std::make_shared<MemoryCheck>(std::move(options), std::move(meter));
}

std::shared_ptr<HealthCheck> make_health_check(const MemoryCheckOptions& options,
                                               const CheckDependencies&) {
  return make_memory_check(options);
}

}  // namespace rz::health
