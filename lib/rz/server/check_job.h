#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rz/config/config.h"
#include "rz/runtime/check_run.h"
#include "rz/runtime/runtime.h"
#include "rz/server/snapshot.h"
#include "rz/server/told.h"

namespace rz::server {

/// What the refreshes of one configuration do: they run its checks, as `rz health` does, make a
/// snapshot of what was found, and send the measurements to its sinks. Lives for months. Made on
/// one thread, then used on another alone.
class CheckJob {
 public:
  /// Is given what a run found; or no snapshot, and why there is none.
  using Publish =
      std::function<void(std::shared_ptr<const Snapshot> snapshot, const std::string& trouble)>;

  /// Reads the configuration; neither asks the store nor runs anything.
  /// Errors: config; those of its sinks.
  static Result<std::unique_ptr<CheckJob>> make(runtime::RuntimeOptions options, Tell tell,
                                                Publish publish, Clock& clock);
  /// What a check still uses that has not returned stays for ever.
  ~CheckJob();
  CheckJob(const CheckJob&) = delete;
  CheckJob& operator=(const CheckJob&) = delete;

  /// Whether a check of one that was destroyed had not returned, so that its thread may go on.
  static bool any_left_behind();

  const config::Config& config() const { return *config_; }

  /// One refresh.
  void run();

 private:
  struct Parts;
  struct LeftBehind;
  CheckJob(std::unique_ptr<Parts> parts, const config::Config& config, Publish publish,
           Clock& clock);
  Result<void> make_series();
  std::optional<Mode> known_mode(const runtime::CheckRun& found);
  std::shared_ptr<const Snapshot> snapshot_of(runtime::CheckRun found, TimePoint begun,
                                              std::chrono::nanoseconds begun_steady);

  std::unique_ptr<Parts> parts_;
  const config::Config* config_;
  Publish publish_;
  Clock& clock_;
};

}  // namespace rz::server
