#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/health_state.h"
#include "rz/storage/storage.h"

namespace rz {

/// The collection of what components say of themselves (Storage::read_collection).
inline constexpr std::string_view kComponents = "health:component:";

/// What components say of themselves, at `health:component:<name>`, shared by all processes of a
/// store. Reports of one component from two hosts at once are both counted. As thread-safe as the
/// store; does not own it.
class ComponentRegistry {
 public:
  /// `names`: those that may report; empty: any. A misspelt one would count for ever.
  ComponentRegistry(Storage& storage, Clock& clock, std::vector<std::string> names = {})
      : storage_(storage), clock_(clock), names_(std::move(names)) {}

  /// `status` is `healthy degraded failed`, in any case. With `ttl` the report is forgotten after
  /// so long. Errors: those of the store, invalid_argument (an empty name, one that may not report,
  /// another status), corrupt.
  Result<ComponentHealth> report(std::string_view name, std::string_view status,
                                 std::string message = {}, std::optional<Millis> ttl = std::nullopt,
                                 Value metadata = Value::object());

  /// Nothing: never seen, or forgotten. Errors: those of the store, corrupt.
  Result<std::optional<ComponentHealth>> get(std::string_view name) const;

  /// All of them, by name. Of one whose record cannot be read the error is added to `unreadable`.
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

/// What a report is worth at `now`: one from the future, which a host whose clock is ahead has
/// written, has no age, so that it could stand for ever. It is degraded if it says healthy, and its
/// message names the clock, until the next report.
ComponentHealth as_of(ComponentHealth report, TimePoint now);

}  // namespace rz
