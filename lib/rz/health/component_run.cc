#include "rz/health/component_run.h"

#include <algorithm>
#include <cmath>

#include "rz/base/duration.h"
#include "rz/base/json_members.h"
#include "rz/base/timestamp.h"

namespace rz::health {
namespace {

double in_seconds(Millis duration) { return std::chrono::duration<double>(duration).count(); }

// Nothing for what is no duration: it may have been written by anybody.
std::optional<double> seconds_from(const Value& object, std::string_view key) {
  const Value* member = object.find(key);
  if (member == nullptr) return std::nullopt;
  const std::int64_t* integer = member->as_int();
  const double* number = member->as_double();
  if (integer == nullptr && number == nullptr) return std::nullopt;
  const double seconds = integer != nullptr ? static_cast<double>(*integer) : *number;
  const double longest = std::chrono::duration<double>(kLongestDuration).count();
  if (!(seconds >= 0 && seconds <= longest)) return std::nullopt;
  return seconds;
}

std::optional<Millis> limit_from(const Value& object, std::string_view key) {
  const auto seconds = seconds_from(object, key);
  if (!seconds) return std::nullopt;
  return Millis{std::llround(*seconds * 1000)};
}

std::optional<TimePoint> time_from(const Value& object, std::string_view key) {
  const auto time = parse_timestamp(text_or(object, key));
  if (!time) return std::nullopt;
  return *time;
}

}  // namespace

Value to_stored(const ComponentRun& run) {
  Value value = Value::object();
  if (!run.id.empty()) value.set("id", run.id);
  value.set("started_at", format_timestamp(run.started));
  if (run.ended) value.set("ended_at", format_timestamp(*run.ended));
  if (run.duration_seconds) value.set("duration_seconds", *run.duration_seconds);
  if (run.exit_code) value.set("exit_code", *run.exit_code);
  if (run.limits.max) value.set("max_seconds", in_seconds(*run.limits.max));
  if (run.limits.min) value.set("min_seconds", in_seconds(*run.limits.min));
  return value;
}

std::optional<ComponentRun> run_from(const Value* stored) {
  if (stored == nullptr || stored->as_object() == nullptr) return std::nullopt;
  const auto started = time_from(*stored, "started_at");
  if (!started) return std::nullopt;
  ComponentRun run;
  run.id = text_or(*stored, "id");
  run.started = *started;
  run.ended = time_from(*stored, "ended_at");
  run.duration_seconds = seconds_from(*stored, "duration_seconds");
  if (stored->find("exit_code") != nullptr) {
    run.exit_code =
        static_cast<int>(std::clamp<std::int64_t>(integer_or(*stored, "exit_code"), 0, 255));
  }
  run.limits = {limit_from(*stored, "max_seconds"), limit_from(*stored, "min_seconds")};
  return run;
}

std::int64_t missed_reports(Micros age, Millis interval, Millis grace) {
  const Micros late = age - interval - grace;
  if (interval <= Millis{0} || late <= Micros{0}) return 0;
  return 1 + late / Micros{interval};
}

}  // namespace rz::health
