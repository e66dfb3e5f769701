#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "rz/base/clock.h"
#include "rz/health/serve_options.h"
#include "rz/server/http_server.h"
#include "rz/server/router.h"
#include "rz/server/service_manager.h"
#include "rz/server/told.h"
#include "rz/server/webhook_worker.h"

namespace rz::server {

/// What the threads of the endpoint share: the newest results, the options, and what was counted.
/// The thread of the connections asks it for answers, that of the checks publishes to it.
/// Thread-safe.
class Service final : public RequestHandler {
 public:
  Service(health::ServeOptions options, const ServiceManager& manager, Tell tell, Clock& clock);

  /// Where deliveries go, and where their answers do. Both must outlive the serving.
  void connect(WebhookWorker* worker, HttpServer* server);

  void set_options(health::ServeOptions options);
  std::shared_ptr<const health::ServeOptions> options() const;

  /// The results of a refresh; null: there are none, because of `trouble`. Tells what has changed.
  void publish(std::shared_ptr<const Snapshot> snapshot, const std::string& trouble);
  /// Tells it, once, where the results have become too old to count.
  void watch_age();
  void begin_draining() { draining_ = true; }
  bool draining() const { return draining_; }

  /// What goes on, for the service manager: `healthy: 3 healthy`.
  std::string summary() const;

  /// The answer to a delivery is there.
  void delivered(std::uint64_t exchange, Answer answer, std::size_t ingested);

  std::optional<Answer> handle_head(const Request& head, const HttpCounts& counts) override;
  std::optional<Answer> handle(const Request& request, std::uint64_t exchange,
                               const HttpCounts& counts) override;
  Answer give_up(std::uint64_t exchange) override;
  void answered(int status) override;
  void note(const std::string& what) override;

 private:
  std::variant<Answer, Delivery> routed(const Request& request, const HttpCounts& counts);
  bool notes_news(const Snapshot& snapshot);
  void tell_refusal(const Request& request, int status);
  void say(std::string what, Notice::Severity severity = Notice::Severity::note) const {
    tell_({severity, std::move(what)});
  }

  const ServiceManager& manager_;
  const Tell tell_;
  Clock& clock_;
  WebhookWorker* worker_ = nullptr;
  HttpServer* server_ = nullptr;
  std::atomic<bool> draining_{false};

  mutable std::mutex mutex_;  ///< Guards what follows.
  std::shared_ptr<const health::ServeOptions> options_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::string trouble_;
  bool told_old_ = false;
  std::optional<HealthStatus> told_status_;
  std::string told_counts_;
  std::chrono::steady_clock::time_point next_counts_told_{};
  Traffic traffic_;
  std::chrono::steady_clock::time_point next_refusal_told_{};
  std::uint64_t refusals_untold_ = 0;
};

}  // namespace rz::server
