#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/health_state.h"
#include "rz/storage/storage.h"

#pragma GCC visibility push(default)
namespace rz {

/// The collection of the components' reports (Storage::read_collection).
inline constexpr std::string_view kComponents = "health:component:";

/// What a component reports, beside its name.
struct ComponentReport {
  std::string status;  ///< `healthy degraded failed`, or `started`; in upper or lower case.
  std::string message{};
  std::optional<Millis> ttl{};  ///< Then the report is forgotten; nothing: never.
  Value metadata = Value::object();
  /// The run that has started, or that this report ends. Nothing: of a `started`, a run without a
  /// name begins now; otherwise the report ends the run without a name, if there is one.
  std::optional<ComponentRun> run{};
  /// How often it should report, and how much later that may be, so that what it missed is counted;
  /// 0: nobody knows.
  Millis interval{0};
  Millis grace{0};
};

/// What components report about themselves, at `health:component:<name>`, shared by all processes
/// of a store. If two hosts report the same component at once, both reports are counted. As
/// thread-safe as the store; does not own it.
class ComponentRegistry {
 public:
  /// `names`: the components that may report; empty: any. Without it a misspelt name would be
  /// stored, and would count for ever. `most`: how many there may be, so that a sender which names
  /// each report anew does not fill the store; nothing: as many as come. Reports at the same time
  /// may exceed it by some.
  ComponentRegistry(Storage& storage, Clock& clock, std::vector<std::string> names = {},
                    std::optional<std::size_t> most = std::nullopt)
      : storage_(storage), clock_(clock), names_(std::move(names)), most_(most) {}

  /// `started` says that a run has begun: what the last one came to stays, and so does the time of
  /// the last report. The other statuses replace what was reported, and end the run that they are
  /// of. While a run has a name, a report without a run does not end it.
  /// Errors: those of the store, invalid_argument (an empty name, one that may not report, one more
  /// than there may be, another status), corrupt.
  Result<ComponentHealth> report(std::string_view name, const ComponentReport& report);

  Result<ComponentHealth> report(std::string_view name, std::string_view status,
                                 std::string message = {}, std::optional<Millis> ttl = std::nullopt,
                                 Value metadata = Value::object());

  /// All of them, or none: one commit. Two reports of one component are taken in their order.
  /// Returns the components, each once, in the order in which they first come.
  /// Errors: as report.
  Result<std::vector<ComponentHealth>> report_all(
      const std::vector<std::pair<std::string, ComponentReport>>& reports);

  /// Nothing: never seen, or forgotten.
  /// Errors: those of the store, corrupt.
  Result<std::optional<ComponentHealth>> get(std::string_view name) const;

  /// All of them, by name. If the record of one cannot be read, the error is added to `unreadable`.
  /// Errors: those of the store.
  Result<std::vector<ComponentHealth>> list(std::vector<Error>& unreadable) const;

  /// Whether it was there.
  Result<bool> remove(std::string_view name);

 private:
  Result<void> check_name(std::string_view name) const;
  Result<void> make_room(std::string_view name, std::size_t others,
                         std::optional<std::size_t>& stored) const;

  Storage& storage_;
  Clock& clock_;
  std::vector<std::string> names_;
  std::optional<std::size_t> most_;
};

/// The report as it counts at `now`. One from the future, written by a host whose clock is ahead,
/// has no age, so that it could stay valid for ever. It counts as degraded if it says healthy, and
/// its message names the clock, until the next report. So does a run that started in the future.
ComponentHealth as_of(ComponentHealth report, TimePoint now);

}  // namespace rz
#pragma GCC visibility pop
