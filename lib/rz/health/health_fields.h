#pragma once

#include "rz/base/field_visitor.h"
#include "rz/health/health_monitor.h"

namespace rz::health {

/// The keys of `health`.
void visit_fields(FieldVisitor& fields, HealthOptions& options);

}  // namespace rz::health
