#pragma once

#include <functional>
#include <vector>

#include "rz/base/clock.h"
#include "rz/health/check_runner.h"

namespace rz::health {

/// The pause before the retry number `retry`, from 1: `retry_delay`, doubled for each further one,
/// up to `longest` (or `retry_delay`, if that is longer), and of that a random part, half of it at
/// least. Checks that fail together do not ask again together.
Millis retry_pause(Millis retry_delay, int retry, Millis longest = Millis{30'000});

/// Makes of what a check has found what `invert` and `severity` have it reported as.
void map_result(CheckResult& result, const CheckOptions& options);

/// All tries of one check, with whatever it throws turned into an answer, as long as somebody waits
/// for what comes of them: `go_on` tells whether, before each try and each pause before one, and
/// learns how long it is until the try begins. Waits as `clock` does.
CheckResult call_until_good(const RegisteredCheck& registered, Clock& clock,
                            const std::function<bool(Millis)>& go_on);

/// What a check that combines others (CheckOptions::combines) makes of their results.
CheckResult combine_results(const RegisteredCheck& registered,
                            const std::vector<const CheckResult*>& results, const Clock& clock);

}  // namespace rz::health
