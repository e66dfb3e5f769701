#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/health_state.h"
#include "rz/storage/storage.h"

#pragma GCC visibility push(default)
namespace rz {

/// The collection of the components' reports (Storage::read_collection).
inline constexpr std::string_view kComponents = "health:component:";

/// What components report about themselves, at `health:component:<name>`, shared by all processes
/// of a store. If two hosts report the same component at once, both reports are counted. As
/// thread-safe as the store; does not own it.
class ComponentRegistry {
 public:
  /// `names`: the components that may report; empty: any. Without it a misspelt name would be
  /// stored, and would count for ever.
  ComponentRegistry(Storage& storage, Clock& clock, std::vector<std::string> names = {})
      : storage_(storage), clock_(clock), names_(std::move(names)) {}

  /// `status` is `healthy degraded failed`, in upper or lower case. With `ttl` the report is
  /// forgotten after that time.
  /// Errors: those of the store, invalid_argument (an empty name, one that may not report, another
  /// status), corrupt.
  Result<ComponentHealth> report(std::string_view name, std::string_view status,
                                 std::string message = {}, std::optional<Millis> ttl = std::nullopt,
                                 Value metadata = Value::object());

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

  Storage& storage_;
  Clock& clock_;
  std::vector<std::string> names_;
};

/// The report as it counts at `now`. One from the future, written by a host whose clock is ahead,
/// has no age, so that it could stay valid for ever. It counts as degraded if it says healthy, and
/// its message names the clock, until the next report.
ComponentHealth as_of(ComponentHealth report, TimePoint now);

}  // namespace rz
#pragma GCC visibility pop
