#include "rz/health/unchecked.h"

#include <utility>

#include "rz/health/checks/component_check.h"
#include "rz/health/component_registry.h"

namespace rz::health {

std::set<std::string> checked_components(const HealthOptions& options) {
  std::set<std::string> names;
  for (const CheckSpec& spec : options.checks) {
    if (const auto* check = spec.get_if<ComponentCheckOptions>()) {
      names.insert(check->component);
    }
  }
  return names;
}

Result<Unchecked> find_unchecked(Storage& storage, const HealthOptions& options, Clock& clock) {
  Unchecked found;
  auto components = ComponentRegistry(storage, clock).list(found.unreadable);
  if (!components) return fail(std::move(components).error());
  const auto checked = checked_components(options);
  for (ComponentHealth& component : *components) {
    if (checked.contains(component.name)) continue;
    found.components.push_back(as_of(std::move(component), clock.now()));
  }
  const auto breakers = CircuitBreaker::list(storage);
  if (!breakers) return fail(breakers.error());
  for (const std::string& name : *breakers) {
    auto state = CircuitBreaker(name, storage, options.breaker, clock).state();
    if (!state && state.error().code != ErrorCode::corrupt) return fail(std::move(state).error());
    if (!state) {
      found.unreadable.push_back(std::move(state).error());
    } else if (*state) {
      found.breakers.push_back(std::move(**state));
    }
  }
  return found;
}

}  // namespace rz::health
