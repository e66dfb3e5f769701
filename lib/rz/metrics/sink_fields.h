#pragma once

#include <vector>

#include "rz/base/field_visitor.h"
#include "rz/metrics/metrics_sink.h"

namespace rz::metrics {

/// The key `metrics`, a list of sinks.
void visit_fields(FieldVisitor& fields, std::vector<SinkSpec>& sinks);

}  // namespace rz::metrics
