#pragma once

#include <functional>
#include <string_view>

namespace rz::metrics {

/// How much a line of a log matters.
enum class MetricsLogLevel { debug, info, warning, error };

/// Takes one line of a log, without its line break.
using MetricsLog = std::function<void(MetricsLogLevel level, std::string_view line)>;

}  // namespace rz::metrics
