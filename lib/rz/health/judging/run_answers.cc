#include "rz/health/judging/run_answers.h"

#include <utility>

#include "rz/base/duration.h"
#include "rz/health/check_attempts.h"
#include "rz/health/judging/check_failure.h"
#include "rz/health/judging/result_condition.h"

namespace rz::health {
namespace {

CheckResult answer_for(const RegisteredCheck& registered, HealthStatus status, std::string message,
                       TimePoint timestamp) {
  CheckResult result;
  result.name = registered.check->name();
  result.type = registered.check->type();
  result.status = status;
  result.message = std::move(message);
  result.timestamp = timestamp;
  return result;
}

}  // namespace

// Where the parent does not count, its children cannot either: nothing is known of them.
CheckResult skipped_answer(const RegisteredCheck& check, const std::string& name,
                           const CheckResult& parent, TimePoint now) {
  CheckResult result = answer_for(check, HealthStatus::unknown,
                                  "skipped: it depends on '" + name + "', which " +
                                      (parent.skipped ? "was skipped" : "is unhealthy"),
                                  now);
  result.skipped = true;
  if (!parent.uncounted.empty()) result.uncounted = "'" + name + "' does not count";
  return result;
}

CheckResult answer_of_condition(const RegisteredCheck& check,
                                const Result<std::optional<std::string>>& why_not, TimePoint now) {
  CheckResult result = answer_for(
      check, HealthStatus::unknown,
      why_not ? why_not->value_or("")
              : "run_if cannot be evaluated: " + std::string(first_line(why_not.error().message)),
      now);
  if (why_not) {
    result.skipped = result.left_out = true;
    result.uncounted = "run_if is false";
  }
  return result;
}

CheckResult failure_answer(const RegisteredCheck& check, const Error& error, TimePoint now) {
  const HealthStatus found = status_of_failure(check.check->asks(), error);
  CheckResult result = answer_for(check, found, to_string(error), now);
  // What is of this side is for the check itself to say: of canaries it voids the run.
  if (!error.own_side) result.failure = error;
  map_result(result, check.options);
  return result;
}

Error held_up_by(const std::string& name, std::chrono::nanoseconds time) {
  return Error{ErrorCode::timeout,
               "the check '" + name + "' has not let the others go on for " +
                   humanize_duration(std::chrono::floor<std::chrono::seconds>(time)),
               {},
               /*own_side=*/true};
}

}  // namespace rz::health
