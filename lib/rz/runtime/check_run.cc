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

  /// What the store told within `patience`. Errors: those of the store and of opening it.
  Result<health::Unchecked> take(Runtime& runtime, Millis patience) {
    if (not_asked_) return fail(*not_asked_);
    if (found_.wait_for(patience) == std::future_status::ready) return found_.get();
    runtime.threads_abandoned = true;
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
void add_unchecked(UncheckedListing listing, Runtime& runtime, Millis patience, CheckRun& run) {
  const bool away = run.report.store_outage.has_value();
  auto found = listing.take(runtime, away ? Millis{0} : patience);
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

Result<CheckRun> run_selected_checks(Runtime& runtime, const CheckSelection& selection,
                                     std::optional<Millis> timeout, MetricsSink* sink) {
  const auto monitor = runtime.monitor(selection, timeout, sink);
  if (!monitor) return fail(monitor.error());
  const auto config = runtime.config();
  if (!config) return fail(config.error());
  std::optional<UncheckedListing> listing;
  if (selection.selects_all()) listing = UncheckedListing::start(runtime, (*config)->health);
  auto report = (*monitor)->run_checks();
  // Until the listing is taken its thread may be at the store.
  runtime.threads_abandoned = true;
  if (!report) return fail(std::move(report).error());
  runtime.threads_abandoned = report->abandoned > 0;
  CheckRun run{.report = *std::move(report)};
  if (listing) {
    const Millis took{static_cast<Millis::rep>(std::ceil(run.report.duration_ms))};
    const Millis patience = patience_after(timeout.value_or((*config)->health.timeout), took);
    add_unchecked(*std::move(listing), runtime, patience, run);
  }
  return run;
}

}  // namespace rz::runtime
