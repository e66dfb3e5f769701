#include "rz/health/check_runner.h"

#include "rz/health/check_calls.h"
#include "rz/health/one_run.h"

namespace rz {

CheckRunner::CheckRunner(Clock& clock)
    : clock_(clock), calls_(std::make_shared<health::CheckCalls>()) {}

CheckRunner::~CheckRunner() = default;

CheckReport CheckRunner::run(const std::vector<RegisteredCheck>& checks,
                             const RunnerOptions& options) {
  const std::lock_guard lock(running_);
  return health::run_checks(checks, options, clock_, calls_);
}

CheckReport run_checks_once(const std::vector<RegisteredCheck>& checks,
                            const RunnerOptions& options, Clock& clock) {
  return CheckRunner(clock).run(checks, options);
}

}  // namespace rz
