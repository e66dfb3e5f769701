#include "rz/health/checks/disk_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"

namespace rz::health {
namespace {

class DiskCheck final : public BasicCheck {
 public:
  DiskCheck(DiskCheckOptions options, DiskMeter meter)
      : BasicCheck(DiskCheckOptions::kType, options),
        options_(std::move(options)),
        meter_(std::move(meter)) {}

  CheckResult check() override {
    const auto usage = meter_(options_.path);
    if (!usage) return failed(usage.error());
    // One decimal, rounded down, so that "95.0 %" in a message means that 95 % was reached.
    const double used = std::floor(usage->used_percent * 10) / 10;
    const double inodes = std::floor(usage->inodes_percent * 10) / 10;
    const double fullest = std::max(usage->used_percent, usage->inodes_percent);
    const HealthStatus status = fullest >= options_.critical  ? HealthStatus::unhealthy
                                : fullest >= options_.warning ? HealthStatus::degraded
                                                              : HealthStatus::healthy;
    std::string message = fmt::format("{}: {:.1f} % used, {} free", printable(options_.path), used,
                                      humanize_size(usage->available_bytes));
    if (usage->inodes_percent >= options_.warning) {
      message += fmt::format(", {:.1f} % of inodes used", inodes);
    }
    if (status != HealthStatus::healthy) {
      const bool critical = status == HealthStatus::unhealthy;
      message += fmt::format(" ({} from {} %)", critical ? "critical" : "warning",
                             format_double(critical ? options_.critical : options_.warning));
    }
    return answer(status, std::move(message),
                  Value::object({{"path", options_.path},
                                 {"usage_percent", usage->used_percent},
                                 {"available_bytes", usage->available_bytes},
                                 {"total_bytes", usage->total_bytes},
                                 {"inodes_percent", usage->inodes_percent},
                                 {"warning", options_.warning},
                                 {"critical", options_.critical}}));
  }

 private:
  DiskCheckOptions options_;
  DiskMeter meter_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, DiskCheckOptions& options) {
  fields.path({"path", "Any path on the file system."}, options.path);
  const bool has_warning =
      fields.percent({"warning", "From this share used on it is degraded."}, options.warning);
  const bool has_critical =
      fields.percent({"critical", "From this share used on it is unhealthy."}, options.critical);
  const bool right = has_warning == fields.has("warning") && has_critical == fields.has("critical");
  if (right && options.warning > options.critical) {
    fields.error("warning", "is above 'critical', so it would never apply");
  }
}

std::shared_ptr<HealthCheck> make_disk_check(DiskCheckOptions options, DiskMeter meter) {
  return std::make_shared<DiskCheck>(std::move(options), std::move(meter));
}

std::shared_ptr<HealthCheck> make_health_check(const DiskCheckOptions& options,
                                               const CheckDependencies&) {
  return make_disk_check(options);
}

}  // namespace rz::health
