#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rz/base/field_visitor.h"
#include "rz/health/check_spec.h"

namespace rz {

/// The key `checks`: each entry by its type of check_types(). Their names are unique, and what they
/// depend on is there and free of cycles.
void visit_fields(FieldVisitor& fields, std::vector<CheckSpec>& checks);

/// A check's name and what it depends on, with their places.
struct CheckEntry {
  std::string name;
  Place place;
  std::vector<std::pair<std::string, Place>> depends_on;
};

/// Says which names are there twice, which dependencies are unknown, and which form a cycle. Where
/// the list is not `complete`, a check that could not be read may be the unknown one.
void check_dependencies(const std::vector<CheckEntry>& checks, bool complete, FieldVisitor& fields);

}  // namespace rz
