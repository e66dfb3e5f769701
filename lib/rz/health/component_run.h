#pragma once

#include <cstdint>
#include <optional>

#include "rz/base/clock.h"
#include "rz/base/value.h"
#include "rz/health/health_state.h"

namespace rz::health {

/// `{"id","started_at","ended_at","duration_seconds","exit_code","max_seconds","min_seconds"}`,
/// without what is not known.
Value to_stored(const ComponentRun& run);

/// Reads that back; nothing where it is absent, or has no time at which it started: what cannot be
/// read is no run.
std::optional<ComponentRun> run_from(const Value* stored);

/// How many reports are missing, if the last one is `age` old and one is due every `interval`, at
/// most `grace` late; 0 if none is late yet, or no interval is known.
std::int64_t missed_reports(Micros age, Millis interval, Millis grace);

}  // namespace rz::health
