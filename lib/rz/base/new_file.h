#pragma once

#include <string>

#include "rz/base/result.h"

namespace rz {

/// Writes a file whole or not at all, and never over another, also if somebody creates one
/// meanwhile.
/// Errors: conflict (there is something at `path`); as write_file.
Result<void> write_new_file(const std::string& path, const std::string& bytes);

}  // namespace rz
