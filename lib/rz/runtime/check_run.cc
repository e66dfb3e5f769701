#include "rz/runtime/check_run.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace rz::runtime {
namespace {

constexpr const char* kUnknown = "which components report themselves is unknown: ";

/// Reads what no check shows, on a thread of its own.
class UncheckedListing {
 public:
  static UncheckedListing start(Runtime& runtime, const HealthOptions& health) {
    UncheckedListing listing;
    const auto storage = runtime.storage();
    if (!storage) {
      listing.not_asked_ = storage.error();
      return listing;
    }
    listing.store_ = (*storage)->description();
    auto promise = std::make_shared<std::promise<Result<health::Unchecked>>>();
    listing.found_ = promise->get_future();
    try {
      std::thread([promise, health, store = *storage, &clock = runtime.clock()] {
        promise->set_value(health::find_unchecked(*store, health, clock));
      }).detach();
    } catch (const std::system_error& error) {
      listing.not_asked_ =
          Error{ErrorCode::unavailable, std::string("no thread to ask the store: ") + error.what(),
                listing.store_, true};
    }
    return listing;
  }

  /// While the question of an earlier run is out, the store is not asked again.
  static UncheckedListing not_started() {
    UncheckedListing listing;
    listing.not_asked_ = Error{ErrorCode::timeout, "an earlier call has not returned", {}};
    listing.store_ = "the store";
    return listing;
  }

  /// What the store told within `patience`; if that is over, the question goes to `late`.
  /// Errors: those of the store and of opening it.
  Result<health::Unchecked> take(Millis patience, std::future<Result<health::Unchecked>>& late) {
    if (not_asked_) return fail(*not_asked_);
    if (found_.wait_for(patience) == std::future_status::ready) return found_.get();
    late = std::move(found_);
    return fail(ErrorCode::timeout, "no answer in time", store_);
  }

  /// Whether no check that asks the store can have been answered either.
  bool not_opened() const { return not_asked_ && store_.empty(); }

 private:
  std::optional<Error> not_asked_;
  std::string store_;
  std::future<Result<health::Unchecked>> found_;
};

// Whether a check that asks the store has a result that is no yes: the report shows by it that the
// store did not serve.
bool check_shows_store_trouble(const CheckReport& report) {
  for (std::size_t i = 0; i < report.checks.size(); ++i) {
    const HealthStatus status = report.results[i].status;
    const bool no_yes = status == HealthStatus::unhealthy || status == HealthStatus::unknown;
    if (no_yes && report.checks[i].check->asks() != AskedParty::target) return true;
  }
  return false;
}

// Adds to `run` what no check shows, or why that is unknown.
void add_unchecked(UncheckedListing listing, Runtime& runtime, Millis patience,
                   std::future<Result<health::Unchecked>>& late, CheckRun& run) {
  const bool away = run.report.store_outage.has_value();
  auto found = listing.take(away || run.report.stopped ? Millis{0} : patience, late);
  if (found) {
    for (const Error& error : found->unreadable) runtime.notices().warn(to_string(error));
    run.unchecked = *std::move(found);
    return;
  }
  const bool same_trouble = listing.not_opened() || (away && is_outage(found.error()));
  if (same_trouble && check_shows_store_trouble(run.report)) return;
  runtime.notices().warn(kUnknown + to_string(found.error()));
  run.unchecked_error = std::move(found).error();
}

}  // namespace

Millis patience_after(Millis whole, Millis checks) {
  constexpr Millis kLongest{1'000};
  return std::clamp(whole - checks, Millis::zero(), kLongest);
}

Result<SelectedChecks> SelectedChecks::make(Runtime& runtime, CheckSelection selection,
                                            std::optional<Millis> timeout, MetricsSink* sink) {
  SelectedChecks checks(runtime, std::move(selection), timeout, sink);
  if (auto made = checks.make_monitor(); !made) return fail(std::move(made).error());
  return checks;
}

Result<void> SelectedChecks::make_monitor() {
  monitor_.reset();
  runtime_->forget_unopened_store();
  auto made = runtime_->monitor(selection_, timeout_, sink_);
  if (!made) return fail(std::move(made).error());
  monitor_ = *std::move(made);
  return {};
}

bool SelectedChecks::listing_is_out() const {
  return late_.valid() && late_.wait_for(Millis{0}) != std::future_status::ready;
}

Result<CheckRun> SelectedChecks::run(const RunBounds& bounds) {
  // Calls that are out use the store that they were made with.
  const bool anything_out = monitor_->abandoned() > 0 || listing_is_out();
  const bool was_run = std::exchange(was_run_, true);
  if (was_run && runtime_->store_is_unopened() && !anything_out) {
    if (auto made = make_monitor(); !made) return fail(std::move(made).error());
  }
  const auto config = runtime_->config();
  if (!config) return fail(config.error());
  const HealthOptions& health = (*config)->health;
  std::optional<UncheckedListing> listing;
  if (selection_.selects_all()) {
    listing = listing_is_out() ? UncheckedListing::not_started()
                               : UncheckedListing::start(*runtime_, health);
  }
  auto report = monitor_->run_checks(bounds);
  // Until the listing is taken its thread may be at the store.
  runtime_->threads_abandoned = true;
  if (!report) return fail(std::move(report).error());
  CheckRun run{.report = *std::move(report)};
  if (listing) {
    const Millis whole = bounds.timeout.value_or(timeout_.value_or(health.timeout));
    const Millis took{static_cast<Millis::rep>(std::ceil(run.report.duration_ms))};
    add_unchecked(*std::move(listing), *runtime_, patience_after(whole, took), late_, run);
  }
  runtime_->threads_abandoned = run.report.abandoned > 0 || listing_is_out();
  return run;
}

Result<CheckRun> run_selected_checks(Runtime& runtime, const CheckSelection& selection,
                                     std::optional<Millis> timeout, MetricsSink* sink) {
  auto checks = SelectedChecks::make(runtime, selection, timeout, sink);
  if (!checks) return fail(std::move(checks).error());
  return checks->run();
}

}  // namespace rz::runtime
