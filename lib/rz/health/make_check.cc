#include "rz/health/make_check.h"

#include <algorithm>

#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/store_check.h"

namespace rz::health {
namespace {

// The checks of a configuration that names none.
constexpr const char* kDisk = "disk";
constexpr const char* kStore = "store";

}  // namespace

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
  disk.name = kDisk;
  checks.push_back(make_check(disk, dependencies));
  StoreCheckOptions store;
  store.name = kStore;
  checks.push_back(make_check(store, dependencies));
  return checks;
}

std::vector<std::string> check_names(const HealthOptions& options) {
  if (options.checks.empty()) return {kDisk, kStore};
  std::vector<std::string> names;
  for (const CheckSpec& spec : options.checks) names.push_back(spec.options().name);
  return names;
}

}  // namespace rz::health
