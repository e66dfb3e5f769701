#include "rz/health/make_check.h"

#include <algorithm>

#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/store_check.h"

namespace rz::health {
RegisteredCheck make_check(const CheckSpec& spec, const CheckDependencies& dependencies) {
  const std::span<const CheckType> types = check_types();
  const auto type = std::find_if(types.begin(), types.end(),
                                 [&](const CheckType& one) { return one.name == spec.type(); });
  return {type->make(spec.options(), dependencies), spec.options()};
}

std::vector<RegisteredCheck> make_checks(const HealthOptions& options,
                                         const CheckDependencies& dependencies) {
  std::vector<RegisteredCheck> checks;
  for (const CheckSpec& spec : options.checks) checks.push_back(make_check(spec, dependencies));
  if (!checks.empty()) return checks;

  DiskCheckOptions disk;
  disk.name = "disk";
  checks.push_back(make_check(disk, dependencies));
  StoreCheckOptions store;
  store.name = "store";
  checks.push_back(make_check(store, dependencies));
  return checks;
}

}  // namespace rz::health
