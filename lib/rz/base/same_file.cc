#include "rz/base/same_file.h"

#include <system_error>

namespace rz {

std::filesystem::path final_path(const std::string& name) {
  constexpr int kLinksMax = 40;
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(name, error);
  for (int i = 0; i < kLinksMax && std::filesystem::is_symlink(path, error); ++i) {
    const std::filesystem::path target = std::filesystem::read_symlink(path, error);
    if (error) break;
    path = path.parent_path() / target;
  }
  const std::filesystem::path whole = std::filesystem::weakly_canonical(path, error);
  return error ? path : whole;
}

bool is_same_file(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  std::error_code ignored;
  return final_path(a) == final_path(b) || std::filesystem::equivalent(a, b, ignored);
}

}  // namespace rz
