#include "rz/server/check_job.h"

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "rz/base/try.h"
#include "rz/fallback/identity.h"

namespace rz::server {
namespace {

// How long a refresh waits for the mode.
constexpr Millis kModeTime{1'000};

}  // namespace

/// In the order in which they refer to each other.
struct CheckJob::Parts {
  Parts(runtime::RuntimeOptions options, Tell tell, Clock& clock)
      : told(std::move(tell)),
        notices([this](const Notice& notice) { told.say(notice); }),
        runtime(std::move(options), notices, clock) {}

  ToldOnce told;
  Notices notices;
  runtime::Runtime runtime;
  std::unique_ptr<MetricsSink> sink;
  std::optional<runtime::SelectedChecks> series;
};

CheckJob::CheckJob(std::unique_ptr<Parts> parts, const config::Config& config, Publish publish,
                   Clock& clock)
    : parts_(std::move(parts)), config_(&config), publish_(std::move(publish)), clock_(clock) {}

// What a thread still uses that was left behind. One is added by a reload at most, which is the
// doing of a person, so that there are few.
struct CheckJob::LeftBehind {
  std::mutex mutex;
  std::vector<std::unique_ptr<Parts>> parts;

  static LeftBehind& instance() {
    static auto& only = *new LeftBehind;  // Outlives every thread.
    return only;
  }
};

CheckJob::~CheckJob() {
  if (!parts_->runtime.threads_abandoned) return;
  LeftBehind& left = LeftBehind::instance();
  const std::lock_guard lock(left.mutex);
  left.parts.push_back(std::move(parts_));
}

bool CheckJob::any_left_behind() {
  LeftBehind& left = LeftBehind::instance();
  const std::lock_guard lock(left.mutex);
  return !left.parts.empty();
}

Result<std::unique_ptr<CheckJob>> CheckJob::make(runtime::RuntimeOptions options, Tell tell,
                                                 Publish publish, Clock& clock) {
  options.reopens_store = true;
  auto parts = std::make_unique<Parts>(std::move(options), std::move(tell), clock);
  TRY_ASSIGN(const config::Config* config, parts->runtime.config());
  TRY_ASSIGN(parts->sink, parts->runtime.sinks());
  return std::unique_ptr<CheckJob>(
      new CheckJob(std::move(parts), *config, std::move(publish), clock));
}

// At the first run and not before: it opens the store, which may take long.
Result<void> CheckJob::make_series() {
  if (parts_->series) return {};
  TRY_ASSIGN(auto series,
             runtime::SelectedChecks::make(parts_->runtime, {}, std::nullopt, parts_->sink.get()));
  parts_->series.emplace(std::move(series));
  return {};
}

void CheckJob::run() {
  const TimePoint begun = clock_.now();
  const std::chrono::nanoseconds begun_steady = clock_.monotonic();
  const auto made = make_series();
  auto found = made ? parts_->series->run() : Result<runtime::CheckRun>(fail(made.error()));
  if (found) {
    publish_(snapshot_of(*std::move(found), begun, begun_steady), "");
  } else {
    parts_->told.warn("the checks could not be run: " + to_string(found.error()));
    publish_(nullptr, to_string(found.error()));
  }
  // The answers do not wait for it.
  if (auto delivered = parts_->sink->flush(); !delivered) {
    parts_->told.warn("metrics: " + to_string(delivered.error()));
  }
  parts_->told.end_round();
}

// The results do not wait for it for long, and not at all where the store was found away: then it
// is what this host knew last.
std::optional<Mode> CheckJob::known_mode(const runtime::CheckRun& found) {
  const auto& outage = found.report.store_outage;
  const runtime::Observation observed{.state = {},
                                      .outage = outage ? outage : found.unchecked_error};
  const auto manager = parts_->runtime.manager({.deadline = kModeTime, .after = &observed});
  if (!manager) return std::nullopt;
  const auto known = (*manager)->peek();
  if (!known) return std::nullopt;
  return known->after.mode;
}

std::shared_ptr<const Snapshot> CheckJob::snapshot_of(runtime::CheckRun found, TimePoint begun,
                                                      std::chrono::nanoseconds begun_steady) {
  const std::optional<Mode> mode = known_mode(found);
  const reports::HealthReport report{.run = std::move(found.report),
                                     .unchecked = std::move(found.unchecked),
                                     .unchecked_error = std::move(found.unchecked_error),
                                     .now = clock_.now(),
                                     .host = fallback::host_name(),
                                     .config_path = config_->path};
  return make_snapshot(report, begun, begun_steady, mode);
}

}  // namespace rz::server
