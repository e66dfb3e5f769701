#pragma once

#include "rz/base/field_visitor.h"

namespace rz::bench {

/// From where on a slowdown is told: percent by which something takes longer than before.
struct Limits {
  double warn_above = 10;
  double fail_above = 20;
};

/// The keys of `bench`.
void visit_fields(FieldVisitor& fields, Limits& limits);

}  // namespace rz::bench
