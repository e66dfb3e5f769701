#include "rz/server/webhook_worker.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "rz/base/try.h"
#include "rz/health/configured_registry.h"
#include "rz/server/webhook_answer.h"
#include "rz/storage/bounded_storage.h"

namespace rz::server {
namespace {

// For one payload. The sender gives up sooner or later, too.
constexpr Millis kStoreTime{8'000};

}  // namespace

/// A configuration and its store, for the deliveries between two reloads.
class WebhookWorker::Intake {
 public:
  Intake(runtime::RuntimeOptions options, Clock& clock)
      : clock_(clock), runtime_(std::move(options), notices_, clock) {}

  /// Errors: of the payload, and then nothing else was tried.
  static Result<health::WebhookReports> read(const Delivery& delivery) {
    return health::read_webhook(*delivery.provider, delivery.payload);
  }

  /// Errors: config, those of the store.
  Result<void> open() {
    TRY_ASSIGN(config_, runtime_.config());
    TRY_ASSIGN(storage_, runtime_.lasting_storage());
    return {};
  }

  /// Errors: those of ComponentRegistry::report_all().
  Result<void> store(const health::WebhookReports& reports) {
    storage::BoundedStorage bounded(*storage_, clock_, kStoreTime);
    TRY(health::component_registry(bounded, clock_, config_->health).report_all(reports));
    return {};
  }

 private:
  Clock& clock_;
  Notices notices_{[](const Notice&) {}};  // The refreshes tell the same.
  runtime::Runtime runtime_;
  const config::Config* config_ = nullptr;
  Storage* storage_ = nullptr;
};

/// Held by the thread too, which may be left behind.
struct WebhookWorker::Shared {
  Shared(runtime::RuntimeOptions runtime_options, Tell tell_to, Done done_to, Clock& its_clock)
      : options(std::move(runtime_options)),
        tell(std::move(tell_to)),
        done(std::move(done_to)),
        clock(its_clock) {}

  Answer take(const Delivery& delivery, std::size_t& ingested);

  const runtime::RuntimeOptions options;
  const Tell tell;
  const Done done;
  Clock& clock;
  std::unique_ptr<Intake> intake;  ///< Of the thread alone.

  std::mutex mutex;  ///< Guards what follows.
  std::condition_variable changed;
  std::deque<std::pair<std::uint64_t, Delivery>> queue;
  bool outdated = false;
  bool stopping = false;
  bool ended = false;
};

Answer WebhookWorker::Shared::take(const Delivery& delivery, std::size_t& ingested) {
  const auto reports = Intake::read(delivery);
  if (!reports) return not_ingested_answer(reports.error());
  const auto failed = [&](Error error) {
    tell({Notice::Severity::warning, "a payload of " + std::string(delivery.provider->name) +
                                         " was not taken: " + to_string(error)});
    return not_ingested_answer(error);
  };
  if (!intake) intake = std::make_unique<Intake>(options, clock);
  if (auto opened = intake->open(); !opened) {
    intake = nullptr;  // What is wrong with it may be put right.
    Error error = std::move(opened).error();
    // Nothing is wrong with the payload.
    if (!is_outage(error)) error.code = ErrorCode::internal;
    return failed(std::move(error));
  }
  if (auto stored = intake->store(*reports); !stored) return failed(std::move(stored).error());
  ingested = reports->size();
  return ingested_answer(ingested);
}

WebhookWorker::WebhookWorker(runtime::RuntimeOptions options, Tell tell, Done done, Clock& clock) {
  options.reopens_store = true;
  shared_ = std::make_shared<Shared>(std::move(options), std::move(tell), std::move(done), clock);
  std::thread([shared = shared_] { run(shared); }).detach();
}

WebhookWorker::~WebhookWorker() { (void)stop(Millis{0}); }

void WebhookWorker::run(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->changed.wait(lock, [&] { return shared->stopping || !shared->queue.empty(); });
    if (shared->queue.empty()) break;
    const auto [exchange, delivery] = std::move(shared->queue.front());
    shared->queue.pop_front();
    const bool outdated = std::exchange(shared->outdated, false);
    lock.unlock();
    if (outdated) shared->intake = nullptr;
    std::size_t ingested = 0;
    Answer answer = shared->take(delivery, ingested);
    shared->done(exchange, std::move(answer), ingested);
    lock.lock();
  }
  lock.unlock();
  shared->intake = nullptr;
  lock.lock();
  shared->ended = true;
  shared->changed.notify_all();
}

bool WebhookWorker::submit(std::uint64_t exchange, Delivery delivery) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->stopping || shared_->queue.size() >= kQueue) return false;
  shared_->queue.emplace_back(exchange, std::move(delivery));
  shared_->changed.notify_all();
  return true;
}

bool WebhookWorker::withdraw(std::uint64_t exchange) {
  const std::lock_guard lock(shared_->mutex);
  return std::erase_if(shared_->queue,
                       [exchange](const auto& each) { return each.first == exchange; }) > 0;
}

void WebhookWorker::reload() {
  const std::lock_guard lock(shared_->mutex);
  shared_->outdated = true;
}

bool WebhookWorker::stop(Millis patience) {
  std::unique_lock lock(shared_->mutex);
  shared_->stopping = true;
  shared_->changed.notify_all();
  return shared_->changed.wait_for(lock, patience, [&] { return shared_->ended; });
}

}  // namespace rz::server
