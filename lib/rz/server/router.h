#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "rz/health/serve_options.h"
#include "rz/health/webhook/webhook.h"
#include "rz/server/request.h"
#include "rz/server/snapshot.h"

namespace rz::server {

/// What has happened to the server since it was started, for /metrics.
struct Traffic {
  std::map<int, std::uint64_t> answers{};     ///< By status code.
  std::uint64_t connections = 0;              ///< Those that are open now.
  std::uint64_t connections_closed_full = 0;  ///< Closed to make room for others.
  std::uint64_t connections_timed_out = 0;
  std::uint64_t refreshes = 0;  ///< Runs of the checks that have ended.
  std::uint64_t ingested = 0;   ///< Reports that webhooks brought.
};

/// All that an answer is made of, beside the request.
struct View {
  const health::ServeOptions& options;
  std::shared_ptr<const Snapshot> snapshot{};  ///< Null: there are no results yet.
  std::chrono::nanoseconds age{};              ///< Of the snapshot.
  /// Why there are no newer results, where that is known.
  std::string trouble{};
  bool draining = false;
  Traffic traffic{};
};

/// The payload of a webhook that may be taken. Whoever takes it reads and stores it, which needs
/// the store, and therefore time.
struct Delivery {
  const health::WebhookProvider* provider = nullptr;
  std::string payload;
};

/// Why nothing can be said of health just now: there are no results, or they are too old. Nothing:
/// they count.
std::optional<Error> cannot_tell(const View& view);

/// What is answered to a request, or what has to be taken before it can be. No side effects; never
/// waits. Each answer to HEAD has the body of the one to GET, which is not sent.
std::variant<Answer, Delivery> route(const Request& request, const View& view);

}  // namespace rz::server
