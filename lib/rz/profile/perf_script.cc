#include "rz/profile/perf_script.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/text.h"

namespace rz::profile {
namespace {

bool is_hex(char c) { return hex_digit(c) >= 0; }

/// The name in a line; nothing: it is not such a line.
std::optional<std::string> name_in(std::string_view line) {
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos || !line.ends_with(')')) return std::nullopt;
  const std::string_view address = line.substr(0, blank);
  if (!std::all_of(address.begin(), address.end(), is_hex)) return std::nullopt;
  const std::string_view rest = trim(line.substr(blank));
  // A path may have " (" in it, as names have; most begin with a slash.
  const std::size_t rooted = rest.find(" (/");
  const std::size_t file = rooted != std::string_view::npos ? rooted : rest.rfind(" (");
  if (file == std::string_view::npos) return std::nullopt;
  const std::string_view name = trim(rest.substr(0, file));
  if (name != "[unknown]" && !name.empty()) {
    // Symbols of libraries carry their version.
    return std::string(name.substr(0, name.find("@@")));
  }
  const std::string_view path = rest.substr(file + 2, rest.size() - file - 3);
  const std::string base = std::filesystem::path(path).filename().string();
  return base.empty() || base.starts_with('[') ? "[unknown]" : "[" + base + "]";
}

}  // namespace

Result<void> add_perf_script(std::string_view text, std::int64_t weight, Profile& profile) {
  std::vector<std::string> frames;
  const auto end_stack = [&] {
    std::reverse(frames.begin(), frames.end());
    profile.add(frames, 0, weight);
    frames.clear();
  };
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty()) {
      end_stack();
      continue;
    }
    auto name = name_in(line);
    if (!name) {
      return fail(ErrorCode::parse, "expected an address, a function and a file in parentheses",
                  "perf script:" + std::to_string(number));
    }
    frames.push_back(*std::move(name));
  }
  end_stack();
  return {};
}

}  // namespace rz::profile
