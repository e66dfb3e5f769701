#pragma once

#include <any>
#include <memory>
#include <span>
#include <string_view>

#include "rz/base/field_visitor.h"
#include "rz/base/result.h"
#include "rz/metrics/metrics_log.h"
#include "rz/metrics/metrics_sink.h"

namespace rz::metrics {

/// A type of sink: all that the rest of rz knows of it.
struct SinkType {
  std::string_view name;     ///< What `type` says in the configuration.
  std::string_view summary;  ///< Where the measurements go, a whole sentence.
  /// New options, with the fields of this type visited.
  std::any (*fields)(FieldVisitor& fields);
  /// The sink that `options`, which `fields` made, describe. `log` takes lines of a logging sink.
  Result<std::unique_ptr<MetricsSink>> (*make)(const std::any& options, const MetricsLog& log);
};

/// The row of the type whose options are `Options`, which has its name as `kType`; visit_fields()
/// and make_metrics_sink() of them stand beside it.
template <class Options>
constexpr SinkType sink_type(std::string_view summary) {
  return {.name = Options::kType,
          .summary = summary,
          .fields = [](FieldVisitor& fields) -> std::any {
            Options options;
            visit_fields(fields, options);
            return options;
          },
          .make =
              [](const std::any& options, const MetricsLog& log) {
                return make_metrics_sink(std::any_cast<const Options&>(options), log);
              }};
}

/// Every type of sink that a configuration can name, in the order in which they are told.
std::span<const SinkType> sink_types();

}  // namespace rz::metrics
