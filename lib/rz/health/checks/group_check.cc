#include "rz/health/checks/group_check.h"

#include <algorithm>

#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"

namespace rz::health {
namespace {

class GroupCheck final : public BasicCheck {
 public:
  explicit GroupCheck(GroupCheckOptions options)
      : BasicCheck(GroupCheckOptions::kType, options), options_(std::move(options)) {}

  CheckResult check() override { return combine({}); }

  CheckResult combine(const std::vector<const CheckResult*>& results) override {
    std::int64_t up = 0, down = 0, unknown = 0, unknown_counted = 0, degraded = 0;
    std::string bad;
    for (const CheckResult* result : results) {
      up += result->status == HealthStatus::healthy || result->status == HealthStatus::degraded;
      unknown += result->status == HealthStatus::unknown;
      // A member that does not count is missed only where too few are left.
      const bool counts = result->uncounted.empty();
      down += counts && result->status == HealthStatus::unhealthy;
      degraded += counts && result->status == HealthStatus::degraded;
      unknown_counted += counts && result->status == HealthStatus::unknown;
      if (result->status == HealthStatus::healthy) continue;
      bad += (bad.empty() ? "" : ", ") + printable(result->name) + " is " +
             (result->skipped ? "skipped" : to_string(result->status));
    }
    const auto total = static_cast<std::int64_t>(results.size());
    std::string message = std::to_string(up) + " of " + std::to_string(total) + " up, at least " +
                          std::to_string(options_.min) + " expected" +
                          (bad.empty() ? "" : ": " + bad);
    const HealthStatus status = status_of(up, unknown, down + degraded > 0, unknown_counted > 0);
    return answer(status, std::move(message),
                  Value::object({{"up", up},
                                 {"down", down},
                                 {"unknown", unknown},
                                 {"total", total},
                                 {"min", options_.min}}));
  }

 private:
  HealthStatus status_of(std::int64_t up, std::int64_t unknown, bool any_bad,
                         bool any_unknown) const {
    // Those that are unknown may be up, or not.
    if (up + unknown < options_.min) return HealthStatus::unhealthy;
    if (up < options_.min) return HealthStatus::unknown;
    if (any_bad) return HealthStatus::degraded;
    return any_unknown ? HealthStatus::unknown : HealthStatus::healthy;
  }

  GroupCheckOptions options_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, GroupCheckOptions& options) {
  const bool given = fields.texts({.key = "checks",
                                   .sentence = "The names of the checks that are the group.",
                                   .example = "[redis, http]",
                                   .needed_by = "a group check"},
                                  options.combines);
  if (given && options.combines.empty()) fields.error("checks", "is empty; name the checks");
  fields.integer({"min", "How many of them must be up: healthy, or degraded."}, options.min,
                 {1, 100'000});
  const auto count = static_cast<std::int64_t>(options.combines.size());
  if (given && count > 0 && options.min > count) {
    fields.error("min", "is more than the group has checks, so it would always be unhealthy");
  }
  std::vector<std::string> names = options.combines;
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) {
    fields.error("checks", "names '" + printable(*twice) + "' twice");
  }
}

std::shared_ptr<HealthCheck> make_group_check(GroupCheckOptions options) {
  return std::make_shared<GroupCheck>(std::move(options));
}

std::shared_ptr<HealthCheck> make_health_check(const GroupCheckOptions& options,
                                               const CheckDependencies&) {
  return make_group_check(options);
}

}  // namespace rz::health
