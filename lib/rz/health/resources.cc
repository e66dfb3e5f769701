#include "rz/health/resources.h"

#include <mutex>
#include <utility>

#include "rz/health/machine/cpu_use.h"
#include "rz/health/machine/disk_usage.h"
#include "rz/health/machine/memory_usage.h"
#include "rz/health/machine/pressure.h"

namespace rz {
namespace {

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

struct ResourceMeter::Shared {
  explicit Shared(std::string cpu_file) : file(std::move(cpu_file)) {}
  const std::string file;
  std::mutex mutex;
  /// Made at the first call: a command that measures nothing leaves the file alone.
  std::optional<health::CpuMeter> cpu{};
};

ResourceMeter::ResourceMeter(std::string cpu_file)
    : shared_(std::make_shared<Shared>(std::move(cpu_file))) {}

ResourceUsage ResourceMeter::operator()() const {
  ResourceUsage usage;
  {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->cpu) shared_->cpu.emplace(shared_->file);
    usage.cpu = shared_->cpu->measure();
  }
  if (const auto memory = health::measure_memory()) usage.memory = memory->used_percent;
  usage.disk = measure_root();
  if (const auto pressure = health::measure_pressure("cpu")) {
    usage.cpu_pressure = pressure->some[health::PressureWindow::minute];
  }
  return usage;
}

HealthState::Resources judge_resources(const ResourceUsage& usage, const ResourceLimits& limits) {
  HealthState::Resources resources;
  resources.available = usage.cpu || usage.memory || usage.disk;
  resources.cpu = judge(usage.cpu, limits.cpu_warning, limits.cpu_critical);
  resources.memory = judge(usage.memory, limits.memory_warning, limits.memory_critical);
  resources.disk = judge(usage.disk, limits.disk_warning, limits.disk_critical);
  resources.cpu_percent = usage.cpu.value_or(0);
  resources.memory_percent = usage.memory.value_or(0);
  resources.disk_percent = usage.disk.value_or(0);
  resources.cpu_pressure_percent = usage.cpu_pressure;
  resources.overall = worst_part(resources);
  return resources;
}

}  // namespace rz
