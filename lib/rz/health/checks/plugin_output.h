#pragma once

#include <string>
#include <string_view>

#include "rz/base/value.h"

namespace rz::health {

/// What a Nagios plugin wrote to its standard output.
struct PluginOutput {
  std::string text;  ///< The first line without what follows its `|`, and without blanks around it.
  /// By label: `{"value", "unit", "warning", "critical", "min", "max"}`, of which only those are
  /// there that the plugin gave. `value` is a number, or null where the plugin could not tell
  /// (`U`). Ranges stay texts, as `10:20`.
  Value perfdata = Value::object();
};

/// Reads `TEXT | PERFDATA`, then further lines of text, up to a `|` behind which there is perfdata
/// alone (the guidelines of the Monitoring Plugins). An item of perfdata that cannot be read is
/// left out: plugins are old and many, and the text and the exit code tell what is wrong.
PluginOutput parse_plugin_output(std::string_view output);

}  // namespace rz::health
