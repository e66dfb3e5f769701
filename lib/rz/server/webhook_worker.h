#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "rz/base/clock.h"
#include "rz/runtime/runtime.h"
#include "rz/server/router.h"
#include "rz/server/told.h"

namespace rz::server {

/// Reads the payloads that webhooks brought and stores what they report, one after the other, on a
/// thread of its own with its own connection to the store. All of a payload is taken, or nothing.
/// Thread-safe.
class WebhookWorker {
 public:
  /// Is given the answer to a delivery, and how many reports were taken.
  using Done = std::function<void(std::uint64_t exchange, Answer answer, std::size_t ingested)>;

  /// So many deliveries wait at most, each of a MiB at most.
  static constexpr std::size_t kQueue = 64;

  WebhookWorker(runtime::RuntimeOptions options, Tell tell, Done done, Clock& clock);
  ~WebhookWorker();
  WebhookWorker(const WebhookWorker&) = delete;
  WebhookWorker& operator=(const WebhookWorker&) = delete;

  /// Whether there is room for it. Its answer then comes by `done`.
  bool submit(std::uint64_t exchange, Delivery delivery);
  /// Whether it waited still: it is not taken then, and no answer comes.
  bool withdraw(std::uint64_t exchange);
  /// Reads the configuration again before the next delivery.
  void reload();
  /// Takes no more, and answers those that wait. Returns whether it has ended in time; one that has
  /// not ends by itself, and what it refers to must live until then.
  bool stop(Millis patience);

 private:
  class Intake;
  struct Shared;
  static void run(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_;
};

}  // namespace rz::server
