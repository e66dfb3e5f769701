#include "rz/health/checks/store_check.h"

#include "rz/health/checks/basic_check.h"

namespace rz {
namespace {

class StoreCheck final : public BasicCheck {
 public:
  StoreCheck(const CheckOptions& options, StorageSource storage)
      : BasicCheck("store", options), storage_(std::move(storage)) {}

  CheckResult check() override {
    const auto storage = storage_();
    if (!storage) return answer(HealthStatus::unhealthy, to_string(storage.error()));
    Value metadata = Value::object({{"store", (*storage)->description()}});
    if (const auto answered = (*storage)->health_check(); !answered) {
      return answer(HealthStatus::unhealthy, to_string(answered.error()), std::move(metadata));
    }
    return answer(HealthStatus::healthy, (*storage)->description() + " answers",
                  std::move(metadata));
  }

 private:
  StorageSource storage_;
};

}  // namespace

std::shared_ptr<HealthCheck> make_store_check(CheckOptions options, StorageSource storage) {
  return std::make_shared<StoreCheck>(options, std::move(storage));
}

}  // namespace rz
