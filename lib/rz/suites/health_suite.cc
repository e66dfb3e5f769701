#include "rz/suites/health_suite.h"

#include <memory>
#include <string>

#include "rz/base/json.h"
#include "rz/base/try.h"
#include "rz/health/check_runner.h"
#include "rz/suites/sample_health.h"

namespace rz::suites {
namespace {

constexpr std::int64_t kComponents = 100;
constexpr int kChecks = 50;

Result<bench::Operation> set_up_write_state() {
  return bench::repeat([state = sample_state(kComponents)]() -> Result<void> {
    const std::string text = to_json(to_value(state));
    bench::do_not_optimize(text);
    return {};
  });
}

Result<bench::Operation> set_up_read_state() {
  return bench::repeat([text = to_json(to_value(sample_state(kComponents)))]() -> Result<void> {
    TRY_ASSIGN(const Value document, parse_json(text));
    TRY_ASSIGN(const HealthState state, health_state_from(document));
    bench::do_not_optimize(state);
    return {};
  });
}

/// Answers at once, on the thread that all such checks share.
class InstantCheck final : public HealthCheck {
 public:
  explicit InstantCheck(std::string name) : name_(std::move(name)) {}
  const std::string& name() const override { return name_; }
  std::string_view type() const override { return "instant"; }
  bool shares_thread() const override { return true; }
  Millis timeout() const override { return Millis{10'000}; }
  CheckResult check() override {
    CheckResult result;
    result.status = HealthStatus::healthy;
    return result;
  }

 private:
  std::string name_;
};

Result<bench::Operation> set_up_run_checks() {
  std::vector<RegisteredCheck> checks;
  for (int i = 0; i < kChecks; ++i) {
    checks.push_back({std::make_shared<InstantCheck>("check-" + std::to_string(i)), {}});
  }
  const auto runner = std::make_shared<CheckRunner>(SystemClock::instance());
  return bench::repeat([runner, checks = std::move(checks)]() -> Result<void> {
    const CheckReport report = runner->run(checks, {});
    bench::do_not_optimize(report);
    if (report.status() == HealthStatus::healthy) return {};
    return fail(ErrorCode::internal, "the checks of the benchmark had no answer");
  });
}

}  // namespace

std::vector<bench::Benchmark> health_suite() {
  return {{"health/write_state", set_up_write_state},
          {"health/read_state", set_up_read_state},
          {"health/run_checks", set_up_run_checks}};
}

}  // namespace rz::suites
