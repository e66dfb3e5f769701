#include "rz/metrics/sink_fields.h"

#include "rz/metrics/sink_type.h"

namespace rz::metrics {

void visit_fields(FieldVisitor& fields, std::vector<SinkSpec>& sinks) {
  std::vector<Kind> kinds;
  for (const SinkType& type : sink_types()) kinds.push_back({type.name, type.summary});
  fields.list({"metrics", "Where the measurements of a run go."}, [&](FieldVisitor& item) {
    const auto kind =
        item.kind({.key = "type", .sentence = "The kind of sink.", .needed_by = "a sink"}, kinds);
    if (!kind) return;
    const SinkType& type = sink_types()[*kind];
    sinks.emplace_back(type.name, type.fields(item));
  });
}

}  // namespace rz::metrics
