#pragma once

#include <string>
#include <vector>

#include "rz/config/config.h"

namespace rz {

/// The settings as one document: `{"storage": {"url": …}, "health": {"checks": [{…}]}}`.
Value nest(const std::vector<Setting>& settings);

/// The settings as a configuration file that says the same (but for the passwords in URLs, which
/// read `***`); what has no value is a comment. With `origins`, each line ends with a comment that
/// says where its value came from.
std::string render_settings(const std::vector<Setting>& settings, bool origins);

}  // namespace rz
