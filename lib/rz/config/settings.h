#pragma once

#include <string>
#include <vector>

#include "rz/config/config.h"

namespace rz::config {

/// An option of text as it is shown: null where it is empty.
Value shown_or_null(const std::string& text);

/// The settings as one document: `{"storage": {"url": …}, "health": {"checks": [{…}]}}`.
Value nest(const std::vector<Setting>& settings);

/// The settings as a configuration file with the same meaning, except for passwords in URLs, which
/// read `***`. A setting without a value is a comment. With `origins`, a comment at the end of each
/// line says where its value came from. A string for each line, without the line break.
std::vector<std::string> render_settings(const std::vector<Setting>& settings, bool origins);

}  // namespace rz::config
