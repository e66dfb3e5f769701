#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"

#pragma GCC visibility push(default)
namespace rz {

/// What a check found, in order of severity, except `unknown`, which means that rz could not tell.
enum class HealthStatus { healthy, degraded, unhealthy, unknown };

/// Lower case, as in every report.
const char* to_string(HealthStatus status);
std::optional<HealthStatus> parse_health_status(std::string_view text);

/// The one that a report over both shows: unhealthy, else degraded, else unknown, else healthy.
HealthStatus worst(HealthStatus a, HealthStatus b);

/// A number that only grows at what was checked, of which the part since the check's last run on
/// this host is judged, once that is known: see health/judging/grown_counts.h.
struct GrowingCount {
  std::string name;                        ///< As in the metadata: `evicted_keys`.
  std::string before{};                    ///< In a sentence, before the number: `it has evicted`.
  std::string after{};                     ///< And behind it: `keys`.
  std::int64_t total = 0;                  ///< Since the counter began.
  std::string counter{};                   ///< Who counts; another one began at 0.
  std::optional<Micros> age{};             ///< For how long it has counted, if that is told.
  std::optional<std::int64_t> warning{};   ///< From so many on it is degraded,
  std::optional<std::int64_t> critical{};  ///< and unhealthy.
};

/// The outcome of one run of one check.
struct CheckResult {
  std::string name;
  std::string type;  ///< The name of one of check_types().
  HealthStatus status = HealthStatus::unknown;
  std::string message;  ///< For a person; may hold bytes from outside.
  double latency_ms = 0;
  TimePoint timestamp{};             ///< When it began.
  Value metadata = Value::object();  ///< What was measured, by name.
  /// It was not run, because a check that it depends on is unhealthy or was skipped; the status is
  /// then unknown. Or its `run_if` is false. Some formats show this in their own way.
  bool skipped = false;
  bool left_out = false;  ///< By its `run_if`: then what depends on it does not miss it.
  /// Why it does not count, neither in the status of the run nor among the system's components, as
  /// in `in maintenance until 2026-12-01T04:00:00Z`; empty: it counts.
  std::string uncounted{};
  /// What is still to be judged, by whoever keeps the last figure. Not part of a report.
  std::optional<GrowingCount> growing{};
  /// Why it failed, where what it says is no more than this error. Not part of a report.
  std::optional<Error> failure{};
  /// Why rz's store did not answer, if the check asked it and it is away. Not part of a report.
  std::optional<Error> store_outage{};
};

/// The party that a check asks, which decides what a failure to answer means; see check_failure.h.
enum class AskedParty {
  target,     ///< What it reports on: a server, a file system.
  own_store,  ///< rz's store, which it reports on.
  messenger,  ///< rz's store, for what somebody else reported there.
};

/// Something whose health can be checked. `check` may be called again, from another thread, but
/// never twice at once, so that an implementation may keep what it needs from one call to the next.
class HealthCheck {
 public:
  virtual ~HealthCheck() = default;

  virtual const std::string& name() const = 0;
  virtual std::string_view type() const = 0;

  /// The component of the system whose health it tells: its own name, unless it watches another
  /// component's reports.
  virtual const std::string& component() const { return name(); }

  virtual AskedParty asks() const { return AskedParty::target; }

  /// Whether check() waits for nothing but through the Waiter of its thread (base/waiter.h): all of
  /// net/ does, a file, a lock or a program does not. The runner has such checks share one thread,
  /// and gives each other one a thread of its own.
  virtual bool shares_thread() const { return false; }

  /// The time limit of one run. After it, the runner reports a timeout in place of the check.
  virtual Millis timeout() const = 0;

  /// Loads what check() needs of this host, as libraries and the files of trusted authorities are:
  /// called before each check(), it keeps the time that this takes from being the target's. What
  /// fails here fails in check() again, which says so.
  virtual void prepare() {}

  /// For a check of CheckOptions::combines, in place of check(): what follows from the results of
  /// the others, in the order in which they are named there. It waits for nothing; never throws.
  virtual CheckResult combine(const std::vector<const CheckResult*>& results);

  /// Runs the check. Returns within `timeout` where the system lets it (a dead NFS mount does not);
  /// never throws. Fills in status, message and metadata; the runner fills in the rest.
  virtual CheckResult check() = 0;
};

}  // namespace rz
#pragma GCC visibility pop
