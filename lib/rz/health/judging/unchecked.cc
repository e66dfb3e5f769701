#include "rz/health/judging/unchecked.h"

#include <algorithm>
#include <string>
#include <utility>

#include "rz/base/text.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/component_registry.h"
#include "rz/storage/read_ahead.h"

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

Result<Unchecked> find_unchecked(Storage& storage, const HealthOptions& options, Clock& clock,
                                 const std::function<void()>& answered) {
  storage::ReadAhead store(storage);
  store.fetch({.collections = {std::string(kComponents), std::string(kBreakers)}});
  if (answered) answered();
  Unchecked found;
  auto components = ComponentRegistry(store, clock).list(found.unreadable);
  if (!components) return fail(std::move(components).error());
  const auto checked = checked_components(options);
  // The check of a component says itself that its record is damaged.
  std::erase_if(found.unreadable, [&checked](const Error& error) {
    return std::any_of(checked.begin(), checked.end(), [&error](const std::string& name) {
      return error.where == printable(std::string(kComponents).append(name));
    });
  });
  for (ComponentHealth& component : *components) {
    if (checked.contains(component.name)) continue;
    found.components.push_back(as_of(std::move(component), clock.now()));
  }
  auto breakers = CircuitBreaker::read_all(store, options.breaker, clock, found.unreadable);
  if (!breakers) return fail(std::move(breakers).error());
  found.breakers = std::move(*breakers);
  return found;
}

}  // namespace rz::health
