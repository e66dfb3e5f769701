#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/check_runner.h"

/// The answers that a run gives for checks which give none themselves.
namespace rz::health {

/// Of a check that is skipped since `name`, which it depends on, has the result `parent`.
CheckResult skipped_answer(const RegisteredCheck& check, const std::string& name,
                           const CheckResult& parent, TimePoint now);

/// Of one whose `run_if` does not let it run; `why_not`: as why_not_run() says it.
CheckResult answer_of_condition(const RegisteredCheck& check,
                                const Result<std::optional<std::string>>& why_not, TimePoint now);

/// Of one that failed in a way that it could not tell itself.
CheckResult failure_answer(const RegisteredCheck& check, const Error& error, TimePoint now);

/// What is wrong where the check `name` has not let those go on for `time` that share its thread.
Error held_up_by(const std::string& name, std::chrono::nanoseconds time);

}  // namespace rz::health
