#include "rz/health/machine/memory_usage.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/health/machine/cgroup.h"

namespace rz::health {
namespace {

// The bytes behind `name` in /proc/meminfo, which has KiB.
std::optional<std::uint64_t> meminfo_field(std::string_view text, std::string_view name) {
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with(name) || line.substr(name.size(), 1) != ":") continue;
    const std::string_view rest = trim(line.substr(name.size() + 1));
    const auto kib = parse_int(rest.substr(0, rest.find(' ')));
    if (!kib || *kib < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*kib) * 1024;
  }
  return std::nullopt;
}

double used_percent(std::uint64_t available, std::uint64_t total) {
  if (total == 0) return 0;
  return 100 * static_cast<double>(total - std::min(total, available)) / static_cast<double>(total);
}

}  // namespace

Result<MemoryUsage> measure_memory(const std::string& root) {
  const std::string path = root + "/proc/meminfo";
  const auto text = read_file(path, 1024 * 1024);
  if (!text) return fail_own_side(ErrorCode::unavailable, text.error().message, path);
  const auto total = meminfo_field(*text, "MemTotal");
  // MemAvailable rather than MemFree, which does not count the caches that the kernel would give
  // back.
  const auto available = meminfo_field(*text, "MemAvailable");
  if (!total || !available || *total == 0) {
    return fail_own_side(ErrorCode::unavailable, "does not tell the memory", path);
  }
  MemoryUsage usage;
  usage.total_bytes = *total;
  usage.available_bytes = *available;
  const auto limit = cgroup_memory(root);
  if (limit && limit->limit_bytes < *total) {
    usage.limited = true;
    usage.total_bytes = limit->limit_bytes;
    usage.available_bytes =
        std::min(*available, limit->limit_bytes - std::min(limit->limit_bytes, limit->used_bytes));
  }
  usage.used_percent = used_percent(usage.available_bytes, usage.total_bytes);
  usage.swap_total_bytes = meminfo_field(*text, "SwapTotal").value_or(0);
  usage.swap_used_percent =
      used_percent(meminfo_field(*text, "SwapFree").value_or(0), usage.swap_total_bytes);
  return usage;
}

}  // namespace rz::health
