#pragma once

#include <string>
#include <vector>

#include "rz/runtime/runtime.h"
#include "rz/server/told.h"

/// The endpoint: answers over HTTP how healthy the checks have found everything.
///
/// Four threads, of which none waits for another. The caller's one obeys signals and talks to the
/// service manager; one serves all connections (HttpServer) and answers from the newest Snapshot;
/// one runs the checks (Refresher, CheckJob) and publishes a snapshot; one stores what webhooks
/// bring (WebhookWorker). So no request waits for a check or the store, and a check that hangs
/// shows by results that grow old.
namespace rz::server {

struct ServeSetup {
  runtime::RuntimeOptions runtime{};
  std::vector<std::string> listen{};  ///< Outranks the configuration; empty: that counts.
  Tell tell{};                        ///< Where the lines of the log go.
};

/// Serves until SIGTERM or SIGINT, and reads the configuration again at SIGHUP. To be called before
/// there are other threads. Returns whether a thread was left behind: the program must then end
/// without destroying anything.
/// Errors: config, invalid_argument (an address), unavailable (cannot listen, a missing library).
Result<bool> serve(const ServeSetup& setup, Clock& clock);

}  // namespace rz::server
