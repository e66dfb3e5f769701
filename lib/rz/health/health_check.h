#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"

namespace rz {

/// What a check found. The order is that of severity except `unknown`, which says that rz could
/// not tell.
enum class HealthStatus { healthy, degraded, unhealthy, unknown };

/// Lower case, as in every report.
const char* to_string(HealthStatus status);
std::optional<HealthStatus> parse_health_status(std::string_view text);

/// The one that a report over both shows: unhealthy, else degraded, else unknown, else healthy.
HealthStatus worst(HealthStatus a, HealthStatus b);

/// The outcome of one run of one check.
struct CheckResult {
  std::string name;
  std::string type;  ///< `store`, or the name of one of check_types().
  HealthStatus status = HealthStatus::unknown;
  std::string message;  ///< For a person; may hold bytes from outside.
  double latency_ms = 0;
  TimePoint timestamp{};             ///< When it began.
  Value metadata = Value::object();  ///< What was measured, by name.
  /// It was not run, for what it depends on is unhealthy; the status is unknown then. A format may
  /// have a word of its own for that.
  bool skipped = false;
  /// Why rz's store did not answer, if it was asked and is away. Not part of a report.
  std::optional<Error> store_outage{};
};

/// Whom a check asks, and so whom a failure to answer speaks of; see check_failure.h.
enum class AskedParty {
  target,     ///< What it reports on: a server, a file system.
  own_store,  ///< rz's store, on which it reports.
  messenger,  ///< rz's store, for what another said of itself there.
};

/// One thing that can be asked how it is. Implementations are immutable once made: `check` may be
/// called again, from another thread, but not twice at once.
class HealthCheck {
 public:
  virtual ~HealthCheck() = default;

  virtual const std::string& name() const = 0;
  virtual std::string_view type() const = 0;

  /// The component of the system that it speaks for: itself, unless it watches another's reports.
  virtual const std::string& component() const { return name(); }

  virtual AskedParty asks() const { return AskedParty::target; }

  /// The bound of one run. A runner answers in the check's stead when it has passed.
  virtual Millis timeout() const = 0;

  /// Runs it. Returns within `timeout` where the system lets it (a dead NFS mount does not); never
  /// throws. Fills status, message and metadata; the runner fills the rest.
  virtual CheckResult check() = 0;
};

}  // namespace rz
