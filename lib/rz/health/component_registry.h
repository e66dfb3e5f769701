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

/// What components say of themselves, at `health:component:<name>`, shared by all processes of a
/// store. Reports of one component from two hosts at once are both counted. As thread-safe as the
/// store; does not own it.
class ComponentRegistry {
 public:
  ComponentRegistry(Storage& storage, Clock& clock) : storage_(storage), clock_(clock) {}

  /// `status` is `healthy degraded failed`. With `ttl` the report is forgotten after so long.
  /// Errors: those of the store, invalid_argument (an empty name, another status), corrupt.
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
  Storage& storage_;
  Clock& clock_;
};

}  // namespace rz
