#include "rz/health/resources.h"

#include <stdlib.h>

#include <algorithm>
#include <string>
#include <thread>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/health/disk_usage.h"

namespace rz {
namespace {

std::optional<double> measure_cpu() {
  double load = 0;
  if (::getloadavg(&load, 1) != 1) return std::nullopt;
  return 100 * load / std::max(1u, std::thread::hardware_concurrency());
}

// The number behind `name` in /proc/meminfo, in KiB.
std::optional<double> meminfo_field(std::string_view text, std::string_view name) {
  for (std::string_view line : split(text, '\n')) {
    if (!line.starts_with(name) || line.substr(name.size(), 1) != ":") continue;
    const std::string_view rest = trim(line.substr(name.size() + 1));
    return parse_double(rest.substr(0, rest.find(' ')));
  }
  return std::nullopt;
}

std::optional<double> measure_memory() {
  const auto text = read_file("/proc/meminfo", 1024 * 1024);
  if (!text) return std::nullopt;
  const auto total = meminfo_field(*text, "MemTotal");
  // MemAvailable rather than MemFree, which does not count the caches that the kernel would give
  // back.
  const auto available = meminfo_field(*text, "MemAvailable");
  if (!total || !available || *total <= 0) return std::nullopt;
  return 100 * (*total - *available) / *total;
}

std::optional<double> measure_root() {
  const auto usage = health::measure_disk("/");
  if (!usage) return std::nullopt;
  return usage->used_percent;
}

const char* judge(std::optional<double> percent, double warning, double critical) {
  if (!percent) return "unknown";
  if (*percent >= critical) return "critical";
  return *percent >= warning ? "warning" : "healthy";
}

}  // namespace

ResourceUsage measure_resources() { return {measure_cpu(), measure_memory(), measure_root()}; }

HealthState::Resources judge_resources(const ResourceUsage& usage, const ResourceLimits& limits) {
  HealthState::Resources resources;
  resources.available = usage.cpu || usage.memory || usage.disk;
  resources.cpu = judge(usage.cpu, limits.cpu_warning, limits.cpu_critical);
  resources.memory = judge(usage.memory, limits.memory_warning, limits.memory_critical);
  resources.disk = judge(usage.disk, limits.disk_warning, limits.disk_critical);
  resources.cpu_percent = usage.cpu.value_or(0);
  resources.memory_percent = usage.memory.value_or(0);
  resources.disk_percent = usage.disk.value_or(0);
  resources.overall = worst_part(resources);
  return resources;
}

}  // namespace rz
