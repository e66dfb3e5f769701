#include "rz/runtime/check_run.h"

#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace rz::runtime {
namespace {

// How much longer than the checks the list may take.
constexpr Millis kPatience{1'000};

constexpr const char* kUnknown = "which components report themselves is unknown: ";

/// Reads what no check shows, on a thread of its own.
class UncheckedListing {
 public:
  static UncheckedListing start(Runtime& runtime, const HealthOptions& health) {
    UncheckedListing listing;
    const auto storage = runtime.storage();
    if (!storage) return listing;
    auto promise = std::make_shared<std::promise<Result<health::Unchecked>>>();
    listing.found_ = promise->get_future();
    try {
      std::thread([promise, health, store = *storage, &clock = runtime.clock()] {
        promise->set_value(health::find_unchecked(*store, health, clock));
      }).detach();
    } catch (const std::system_error&) {
      listing.found_ = {};
    }
    return listing;
  }

  /// Nothing: the store does not tell. `store_away`: a check has said so.
  std::optional<health::Unchecked> take(Runtime& runtime, bool store_away) {
    if (!found_.valid()) return std::nullopt;
    if (found_.wait_for(store_away ? Millis{0} : kPatience) != std::future_status::ready) {
      runtime.threads_abandoned = true;
      if (!store_away) runtime.notices().warn(std::string(kUnknown) + "no answer in time");
      return std::nullopt;
    }
    auto found = found_.get();
    if (!found) {
      const bool said = store_away && is_outage(found.error());
      if (!said) runtime.notices().warn(kUnknown + to_string(found.error()));
      return std::nullopt;
    }
    for (const Error& error : found->unreadable) runtime.notices().warn(to_string(error));
    return *std::move(found);
  }

 private:
  std::future<Result<health::Unchecked>> found_;
};

}  // namespace

Result<CheckRun> run_selected_checks(Runtime& runtime, const CheckSelection& selection,
                                     std::optional<Millis> timeout, MetricsSink* sink) {
  const auto monitor = runtime.monitor(selection, timeout, sink);
  if (!monitor) return fail(monitor.error());
  const auto config = runtime.config();
  if (!config) return fail(config.error());
  auto listing = selection.selects_all() ? UncheckedListing::start(runtime, (*config)->health)
                                         : UncheckedListing();
  auto report = (*monitor)->run_checks();
  // Until the listing is taken its thread may be at the store.
  runtime.threads_abandoned = true;
  if (!report) return fail(std::move(report).error());
  runtime.threads_abandoned = report->abandoned > 0;
  auto unchecked = listing.take(runtime, report->store_outage.has_value());
  return CheckRun{*std::move(report), std::move(unchecked)};
}

}  // namespace rz::runtime
