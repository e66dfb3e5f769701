#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rz/base/field_visitor.h"
#include "rz/health/check_options.h"

namespace rz::health {

/// The key `checks`: each entry by its type of check_types(). Their names are unique, and what they
/// depend on, or combine, is there and free of cycles.
void visit_fields(FieldVisitor& fields, std::vector<CheckSpec>& checks);

/// A check's name and what it waits for, with their places.
struct CheckEntry {
  std::string name;
  Place place;
  std::vector<std::pair<std::string, Place>> depends_on;
  std::vector<std::pair<std::string, Place>> combines{};
  std::vector<std::pair<std::string, Place>> awaits{};
};

/// Reports names that two checks have, dependencies that are unknown, and those that form a cycle.
/// If the list is not `complete`, a check could not be read, and may be the one that seems to be
/// unknown.
void check_dependencies(const std::vector<CheckEntry>& checks, bool complete, FieldVisitor& fields);

}  // namespace rz::health
