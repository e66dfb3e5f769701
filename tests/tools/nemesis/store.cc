#include "tools/nemesis/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "rz/base/file.h"

namespace rz::nemesis {

std::int64_t highest_epoch(const std::string& folder) {
  constexpr std::string_view kKey = "\"epoch\":";
  std::int64_t highest = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    for (std::size_t at = bytes.find(kKey); at != std::string::npos; at = bytes.find(kKey, at)) {
      at += kKey.size();
      std::int64_t number = 0;
      for (; at < bytes.size() && std::isdigit(static_cast<unsigned char>(bytes[at])); ++at) {
        number = number * 10 + (bytes[at] - '0');
      }
      highest = std::max(highest, number);
    }
  }
  return highest;
}

void fill_disk(const std::string& folder) {
  const std::string path = folder + "/fill";
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  // The last bytes, too.
  for (std::size_t size = 64 * 1024; size > 0; size /= 2) {
    while (::write(file.get(), std::string(size, 'x').data(), size) > 0) {
    }
  }
}

}  // namespace rz::nemesis
