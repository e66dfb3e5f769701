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
    struct Answers {
      std::promise<void> answered;
      std::promise<Result<health::Unchecked>> found;
    };
    auto answers = std::make_shared<Answers>();
    listing.answered_ = answers->answered.get_future();
    listing.found_ = answers->found.get_future();
    try {
      std::thread([answers, health, store = *storage, &clock = runtime.clock()] {
        answers->found.set_value(
            health::find_unchecked(*store, health, clock, [&] { answers->answered.set_value(); }));
      }).detach();
    } catch (const std::system_error& error) {
      listing.not_asked_ =
          Error{ErrorCode::unavailable, std::string("no thread to ask the store: ") + error.what(),
                listing.store_, true};
    }
    return listing;
  }

  /// While the question of an earlier run is out, the store is not asked again. In a series of runs
  /// that is one trouble and has one name.
  static UncheckedListing not_started(Runtime& runtime) {
    UncheckedListing listing;
    const auto storage = runtime.storage();
    listing.store_ = storage ? (*storage)->description() : "the store";
    listing.not_asked_ = listing.no_answer();
    return listing;
  }

  /// What the store told. It is waited for as patience_after() says of what is `left` of the run;
  /// what it has told is then read in the rest of that, however much it is. What is not there by
  /// then goes to `late`.
  /// Errors: those of the store and of opening it.
  Result<health::Unchecked> take(Millis left, std::future<Result<health::Unchecked>>& late) {
    if (not_asked_) return fail(*not_asked_);
    const auto end = std::chrono::steady_clock::now() + left;
    const bool answered = answered_.wait_for(patience_after(left)) == std::future_status::ready;
    if (answered && found_.wait_until(end) == std::future_status::ready) return found_.get();
    late = std::move(found_);
    return fail(no_answer());
  }

  /// Whether no check that asks the store can have been answered either.
  bool not_opened() const { return not_asked_ && store_.empty(); }

 private:
  Error no_answer() const { return {ErrorCode::timeout, "no answer in time", store_}; }

  std::optional<Error> not_asked_;
  std::string store_;
  std::future<void> answered_;
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
void add_unchecked(UncheckedListing listing, Runtime& runtime, Millis left,
                   std::future<Result<health::Unchecked>>& late, CheckRun& run) {
  const bool away = run.report.store_outage.has_value();
  auto found = listing.take(away || run.report.stopped ? Millis{0} : left, late);
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

Millis patience_after(Millis left) {
  constexpr Millis kLongest{1'000};
  return std::min(left, kLongest);
}

Result<SelectedChecks> SelectedChecks::make(Runtime& runtime, CheckSelection selection,
                                            std::optional<Millis> timeout, MetricsSink* sink) {
  auto monitor = runtime.monitor(selection, timeout, sink);
  if (!monitor) return fail(std::move(monitor).error());
  return SelectedChecks(runtime, std::move(selection), timeout, *std::move(monitor));
}

bool SelectedChecks::listing_is_out() const {
  return late_.valid() && late_.wait_for(Millis{0}) != std::future_status::ready;
}

Result<CheckRun> SelectedChecks::run(const RunBounds& bounds) {
  const auto config = runtime_->config();
  if (!config) return fail(config.error());
  const HealthOptions& health = (*config)->health;
  std::optional<UncheckedListing> listing;
  if (selection_.selects_all()) {
    listing = listing_is_out() ? UncheckedListing::not_started(*runtime_)
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
    add_unchecked(*std::move(listing), *runtime_, std::max(whole - took, Millis::zero()), late_,
                  run);
  }
  runtime_->threads_abandoned = run.report.abandoned > 0 || listing_is_out();
  return run;
}

}  // namespace rz::runtime
