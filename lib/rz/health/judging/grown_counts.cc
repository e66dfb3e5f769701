#include "rz/health/judging/grown_counts.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/json_members.h"
#include "rz/base/timestamp.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::health {
namespace {

// How many since the last run; nothing: that is not known.
std::optional<std::int64_t> grown_by(const GrowingCount& now, const std::optional<CountSeen>& last,
                                     TimePoint at) {
  if (now.total == 0) return 0;  // Whoever counts, and since whenever.
  if (!last) return std::nullopt;
  if (now.counter == last->counter) {
    // A smaller total was set back to 0 since.
    return now.total >= last->total ? now.total - last->total : now.total;
  }
  // The age is told in whole seconds, rounded down.
  if (now.age && *now.age + std::chrono::seconds{1} <= at - last->at) return now.total;
  return std::nullopt;
}

struct Growth {
  HealthStatus status = HealthStatus::healthy;
  std::string text{};
};

Growth judged(const GrowingCount& now, const std::optional<CountSeen>& last, TimePoint at,
              std::optional<std::int64_t> grown) {
  const std::string total = now.before + " " + std::to_string(now.total) + " " + now.after;
  if (!grown) {
    return {HealthStatus::unknown, total +
                                       ", and how many of them since its last run here is not "
                                       "known yet"};
  }
  const auto beyond = [&](const std::optional<std::int64_t>& limit) {
    return limit && *grown >= *limit;
  };
  const bool critical = beyond(now.critical);
  if (!critical && !beyond(now.warning)) return {};
  std::string since;
  if (last) {
    since =
        " since its last run here, " +
        humanize_duration(std::max(Micros{0}, std::chrono::duration_cast<Micros>(at - last->at))) +
        " ago";
  }
  return {critical ? HealthStatus::unhealthy : HealthStatus::degraded,
          now.before + " " + std::to_string(*grown) + " " + now.after + since + " (" +
              (critical ? "critical" : "warning") + " from " +
              std::to_string(critical ? *now.critical : *now.warning) + ")"};
}

}  // namespace

CountSeen seen(const CheckResult& result) {
  return {result.growing->total, result.growing->counter, result.timestamp};
}

Value to_stored(const CountSeen& seen) {
  return Value::object(
      {{"total", seen.total}, {"counter", seen.counter}, {"at", format_timestamp(seen.at)}});
}

std::optional<CountSeen> count_seen_from(const Value& stored) {
  const Value* total = stored.find("total");
  const auto number = total != nullptr ? total->as_int() : nullptr;
  const auto at = parse_timestamp(text_or(stored, "at"));
  if (number == nullptr || !at) return std::nullopt;
  return CountSeen{*number, text_or(stored, "counter"), *at};
}

void judge_growth(CheckResult& result, const std::optional<CountSeen>& last,
                  const CheckOptions& options) {
  const GrowingCount now = *std::exchange(result.growing, std::nullopt);
  const auto grown = grown_by(now, last, result.timestamp);
  const std::string measure = now.name + "_since_last_run";
  if (grown) {
    result.metadata.set(measure, *grown);
    set_most(result.metadata, measure, limit_as_number(now.warning), limit_as_number(now.critical));
  }
  const Growth growth = judged(now, last, result.timestamp, grown);
  if (growth.text.empty()) return;
  const auto mapped = options.severity.find(growth.status);
  const HealthStatus status = mapped == options.severity.end() ? growth.status : mapped->second;
  const bool says_more = result.status != HealthStatus::healthy && !result.message.empty();
  result.message = says_more ? result.message + "; " + growth.text : growth.text;
  result.status = worst(result.status, status);
}

}  // namespace rz::health
