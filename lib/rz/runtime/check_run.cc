#include "rz/runtime/check_run.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "rz/base/try.h"

namespace rz::runtime {
namespace {

constexpr const char* kUnknown = "which components report themselves is unknown: ";

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

}  // namespace

Millis patience_after(Millis whole, Millis checks) {
  constexpr Millis kLongest{1'000};
  return std::clamp(whole - checks, Millis::zero(), kLongest);
}

/// Reads what no check shows, on a thread of its own.
class CheckSeries::UncheckedListing {
 public:
  /// Asks the store, unless an earlier call has not returned yet: take() then says so, and what
  /// that call finds is not used, since it is of an earlier time.
  void start(Runtime& runtime, const HealthOptions& health) {
    not_asked_.reset();
    if (is_out()) {
      not_asked_ = Error{ErrorCode::timeout, "an earlier call has not returned", store_};
      return;
    }
    const auto storage = runtime.storage();
    if (!storage) {
      not_asked_ = storage.error();
      store_.clear();
      return;
    }
    store_ = (*storage)->description();
    auto promise = std::make_shared<std::promise<Result<health::Unchecked>>>();
    found_ = promise->get_future();
    try {
      std::thread([promise, health, store = *storage, &clock = runtime.clock()] {
        promise->set_value(health::find_unchecked(*store, health, clock));
      }).detach();
    } catch (const std::system_error& error) {
      found_ = {};
      not_asked_ = Error{ErrorCode::unavailable,
                         std::string("no thread to ask the store: ") + error.what(), store_, true};
    }
  }

  /// What the store told within `patience`. Errors: those of the store and of opening it.
  Result<health::Unchecked> take(Millis patience) {
    if (not_asked_) return fail(*not_asked_);
    if (found_.wait_for(patience) == std::future_status::ready) return found_.get();
    return fail(ErrorCode::timeout, "no answer in time", store_);
  }

  /// Whether its thread is at the store.
  bool is_out() const {
    return found_.valid() && found_.wait_for(Millis{0}) != std::future_status::ready;
  }

  /// Whether no check that asks the store can have been answered either.
  bool not_opened() const { return not_asked_ && store_.empty(); }

 private:
  std::optional<Error> not_asked_;
  std::string store_;
  std::future<Result<health::Unchecked>> found_;
};

CheckSeries::CheckSeries(Runtime& runtime, const CheckSelection& selection, Millis timeout,
                         std::unique_ptr<HealthMonitor> monitor)
    : runtime_(&runtime),
      timeout_(timeout),
      monitor_(std::move(monitor)),
      listing_(selection.selects_all() ? std::make_unique<UncheckedListing>() : nullptr) {}

CheckSeries::CheckSeries(CheckSeries&&) noexcept = default;
CheckSeries& CheckSeries::operator=(CheckSeries&&) noexcept = default;
CheckSeries::~CheckSeries() = default;

Result<CheckSeries> CheckSeries::make(Runtime& runtime, CheckSelection selection,
                                      std::optional<Millis> timeout, MetricsSink* sink) {
  TRY_ASSIGN(auto monitor, runtime.monitor(selection, timeout, sink));
  TRY_ASSIGN(const auto config, runtime.config());
  return CheckSeries(runtime, selection, timeout.value_or(config->health.timeout),
                     std::move(monitor));
}

Result<CheckRun> CheckSeries::run() {
  TRY_ASSIGN(const auto config, runtime_->config());
  if (listing_) listing_->start(*runtime_, config->health);
  auto report = monitor_->run_checks();
  // Until the listing is taken its thread may be at the store.
  runtime_->threads_abandoned = true;
  if (!report) return fail(std::move(report).error());
  CheckRun run{.report = *std::move(report)};
  if (listing_) {
    const Millis took{static_cast<Millis::rep>(std::ceil(run.report.duration_ms))};
    add_unchecked(patience_after(timeout_, took), run);
  }
  runtime_->threads_abandoned = run.report.abandoned > 0 || (listing_ && listing_->is_out());
  return run;
}

// Adds to `run` what no check shows, or why that is unknown.
void CheckSeries::add_unchecked(Millis patience, CheckRun& run) {
  const bool away = run.report.store_outage.has_value();
  auto found = listing_->take(away ? Millis{0} : patience);
  if (found) {
    for (const Error& error : found->unreadable) runtime_->notices().warn(to_string(error));
    run.unchecked = *std::move(found);
    return;
  }
  const bool same_trouble = listing_->not_opened() || (away && is_outage(found.error()));
  if (same_trouble && check_shows_store_trouble(run.report)) return;
  runtime_->notices().warn(kUnknown + to_string(found.error()));
  run.unchecked_error = std::move(found).error();
}

Result<CheckRun> run_selected_checks(Runtime& runtime, const CheckSelection& selection,
                                     std::optional<Millis> timeout, MetricsSink* sink) {
  TRY_ASSIGN(CheckSeries series, CheckSeries::make(runtime, selection, timeout, sink));
  return series.run();
}

}  // namespace rz::runtime
