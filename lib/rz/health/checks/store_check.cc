#include "rz/health/checks/store_check.h"

#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"

namespace rz::health {
namespace {

class StoreCheck final : public BasicCheck {
 public:
  StoreCheck(const StoreCheckOptions& options, StorageSource storage)
      : BasicCheck(StoreCheckOptions::kType, options), storage_(std::move(storage)) {}

  AskedParty asks() const override { return AskedParty::own_store; }

  CheckResult check() override {
    const auto storage = storage_();
    if (!storage) return failed(storage.error());
    Value metadata = Value::object({{"store", (*storage)->description()}});
    const auto found = (*storage)->probe();
    if (!found) return failed(found.error(), std::move(metadata));
    const std::string answers = (*storage)->description() + " answers";
    // A store that cannot be written to is of no use: modes, reports and records need it.
    if (found->write_error) {
      return answer(HealthStatus::unhealthy,
                    answers + ", but cannot be written to: " + found->write_error->message,
                    std::move(metadata));
    }
    const std::vector<std::string>& warnings = found->warnings;
    if (warnings.empty()) return answer(HealthStatus::healthy, answers, std::move(metadata));
    metadata.set("warnings", Value(Value::Array(warnings.begin(), warnings.end())));
    return answer(HealthStatus::degraded, answers + ", but " + join(warnings, "; "),
                  std::move(metadata));
  }

 private:
  StorageSource storage_;
};

}  // namespace

void visit_fields(FieldVisitor&, StoreCheckOptions&) {}

std::shared_ptr<HealthCheck> make_store_check(StoreCheckOptions options, StorageSource storage) {
  return std::make_shared<StoreCheck>(options, std::move(storage));
}

std::shared_ptr<HealthCheck> make_health_check(const StoreCheckOptions& options,
                                               const CheckDependencies& dependencies) {
  return make_store_check(options, dependencies.storage);
}

}  // namespace rz::health
