#include "rz/health/make_check.h"

#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/redis_check.h"
#include "rz/health/checks/store_check.h"

namespace rz {
namespace {

struct Maker {
  const CheckDependencies& dependencies;

  std::shared_ptr<HealthCheck> operator()(const RedisCheckOptions& options) const {
    return make_redis_check(options);
  }
  std::shared_ptr<HealthCheck> operator()(const HttpCheckOptions& options) const {
    return make_http_check(options, dependencies.http_client);
  }
  std::shared_ptr<HealthCheck> operator()(const DiskCheckOptions& options) const {
    return make_disk_check(options);
  }
  std::shared_ptr<HealthCheck> operator()(const ComponentCheckOptions& options) const {
    return make_component_check(options, dependencies.storage, dependencies.clock);
  }
};

}  // namespace

RegisteredCheck make_check(const CheckSpec& spec, const CheckDependencies& dependencies) {
  return {std::visit(Maker{dependencies}, spec), common(spec)};
}

std::vector<RegisteredCheck> make_checks(const HealthOptions& options,
                                         const CheckDependencies& dependencies) {
  std::vector<RegisteredCheck> checks;
  for (const CheckSpec& spec : options.checks) checks.push_back(make_check(spec, dependencies));
  if (!checks.empty()) return checks;

  DiskCheckOptions disk;
  disk.name = "disk";
  checks.push_back(make_check(disk, dependencies));
  CheckOptions store;
  store.name = "store";
  checks.push_back({make_store_check(store, dependencies.storage), store});
  return checks;
}

}  // namespace rz
