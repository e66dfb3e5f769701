// What can be said of checks and of their results without running them.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/health/check_runner.h"
#include "rz/health/dependency_cycles.h"

namespace rz {

HealthStatus CheckReport::status() const {
  if (!void_because.empty()) return HealthStatus::unknown;
  std::optional<HealthStatus> status;
  for (const CheckResult& result : results) {
    if (result.uncounted.empty()) status = worst(status.value_or(result.status), result.status);
  }
  return status.value_or(HealthStatus::unknown);
}

Result<void> validate_dependencies(const std::vector<RegisteredCheck>& checks) {
  std::map<std::string_view, std::size_t> numbers;
  for (std::size_t i = 0; i < checks.size(); ++i) numbers[checks[i].check->name()] = i;
  std::vector<std::vector<std::size_t>> parents(checks.size());
  for (std::size_t i = 0; i < checks.size(); ++i) {
    std::vector<std::string> needed = checks[i].options.depends_on;
    const auto& combined = checks[i].options.combines;
    needed.insert(needed.end(), combined.begin(), combined.end());
    const auto& awaited = checks[i].options.awaits;
    needed.insert(needed.end(), awaited.begin(), awaited.end());
    for (const std::string& name : needed) {
      const auto parent = numbers.find(name);
      if (parent == numbers.end()) {
        return fail(ErrorCode::config, "check '" + checks[i].check->name() + "' depends on '" +
                                           name + "', which is not a check");
      }
      parents[i].push_back(parent->second);
    }
  }
  const auto cycles = health::find_dependency_cycles(parents);
  if (cycles.empty()) return {};
  const std::string& name = checks[cycles.front().front().node].check->name();
  return fail(ErrorCode::config, "check '" + name + "' depends on itself");
}

}  // namespace rz
