#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/circuit_breaker.h"
#include "rz/health/health_monitor.h"
#include "rz/health/health_state.h"
#include "rz/storage/storage.h"

namespace rz::health {

/// Stored components and breakers that no check shows, although they count when the mode is
/// decided. A misspelt name would count unseen for ever.
struct Unchecked {
  std::vector<ComponentHealth> components;  ///< By name.
  std::vector<BreakerState> breakers;       ///< All of them: no check names a breaker. By name.
  std::vector<Error> unreadable;            ///< Damaged records that no check shows.

  bool anything() const { return !components.empty() || !breakers.empty() || !unreadable.empty(); }
};

/// The components that a configured check names.
std::set<std::string> checked_components(const HealthOptions& options);

/// One round trip. `answered` is called once that is over: what follows is computed here, and takes
/// its time where there are thousands.
/// Errors: those of the store.
Result<Unchecked> find_unchecked(Storage& storage, const HealthOptions& options, Clock& clock,
                                 const std::function<void()>& answered = {});

}  // namespace rz::health
