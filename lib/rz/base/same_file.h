#pragma once

#include <filesystem>
#include <string>

namespace rz {

/// Where the file of this name is, or would be made: links are followed, also one whose target is
/// missing.
std::filesystem::path final_path(const std::string& name);

/// Whether both names are of one file, be it by a link, or one that does not exist yet. No file has
/// an empty name.
bool is_same_file(const std::string& a, const std::string& b);

}  // namespace rz
