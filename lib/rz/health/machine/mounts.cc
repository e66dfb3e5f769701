#include "rz/health/machine/mounts.h"

#include <fnmatch.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::health {
namespace {

constexpr std::uint64_t kMaxMountinfoBytes = 16 * 1024 * 1024;

// Blanks, tabs, line ends and backslashes of a path are written as `\` and three octal digits.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view digits = text.substr(i).substr(0, 4);
    const bool escape = digits.size() == 4 && digits[0] == '\\' &&
                        digits.find_first_not_of("01234567", 1) == std::string_view::npos;
    if (!escape) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>((digits[1] - '0') * 64 + (digits[2] - '0') * 8 + (digits[3] - '0'));
    i += 3;
  }
  return plain;
}

}  // namespace

std::vector<Mount> read_mounts(const std::string& root) {
  const std::string text =
      read_file(root + "/proc/self/mountinfo", kMaxMountinfoBytes).value_or("");
  std::vector<Mount> mounts;
  for (const std::string_view line : split(text, '\n')) {
    // proc(5): ID PARENT DEVICE ROOT POINT OPTIONS [FIELDS] - TYPE SOURCE SUPEROPTIONS
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    const auto front = split(line.substr(0, dash), ' ');
    const auto back = split(line.substr(dash + 3), ' ');
    if (front.size() < 6 || back.size() < 3) continue;
    mounts.push_back({std::string(front[2]), unescaped(front[3]), unescaped(front[4]),
                      std::string(back[0]), std::string(back[2])});
  }
  return mounts;
}

std::vector<std::string> matching_mounts(const std::vector<Mount>& mounts,
                                         const std::string& pattern,
                                         const std::vector<std::string>& excluded) {
  std::vector<std::string> points;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const Mount& mount = mounts[i];
    if (::fnmatch(pattern.c_str(), mount.point.c_str(), FNM_NOESCAPE) != 0) continue;
    // The last mount at a point hides the others.
    const bool hidden =
        std::any_of(mounts.begin() + static_cast<std::ptrdiff_t>(i) + 1, mounts.end(),
                    [&](const Mount& later) { return later.point == mount.point; });
    const bool is_excluded =
        std::find(excluded.begin(), excluded.end(), mount.type) != excluded.end();
    if (hidden || is_excluded || !seen.insert(mount.device).second) continue;
    points.push_back(mount.point);
  }
  return points;
}

}  // namespace rz::health
