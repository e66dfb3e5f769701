#include "rz/health/machine/cpu_use.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/base/value.h"

namespace rz::health {
namespace {

constexpr std::uint64_t kMaxStatBytes = 4 * 1024 * 1024;

double seconds_since_start() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// The first line of /proc/stat, and how many CPUs the lines after it are of.
std::optional<CpuSample> sample_machine(const std::string& root) {
  const std::string text = read_file(root + "/proc/stat", kMaxStatBytes).value_or("");
  // Times count from the start of the machine, and a state folder may be shared by several.
  const std::string boot = read_file(root + "/proc/sys/kernel/random/boot_id", 4096).value_or("");
  CpuSample sample{"machine", seconds_since_start(), 0, 0};
  if (!boot.empty()) sample.source += " " + std::string(trim(boot));
  static const auto kTicks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with("cpu")) break;
    if (!line.starts_with("cpu ")) {
      ++sample.cpus;
      continue;
    }
    // user nice system idle iowait irq softirq steal; guests are counted among the first two.
    const std::string_view numbers = trim(line.substr(3));
    const auto fields = split(numbers, ' ');
    for (std::size_t i = 0; i < std::min<std::size_t>(fields.size(), 8); ++i) {
      const bool idle = i == 3 || i == 4;
      if (!idle) sample.busy_seconds += parse_double(fields[i]).value_or(0) / kTicks;
    }
  }
  if (sample.cpus == 0) return std::nullopt;
  return sample;
}

std::optional<CpuSample> sample_group(const CgroupQuota& quota) {
  const auto busy = cgroup_cpu_seconds(quota);
  if (!busy) return std::nullopt;
  return CpuSample{quota.folder, seconds_since_start(), *busy, quota.cpus};
}

std::optional<double> number_in(const Value& object, std::string_view key) {
  const Value* found = object.find(key);
  if (found && found->as_int()) return static_cast<double>(*found->as_int());
  if (found && found->as_double()) return *found->as_double();
  return std::nullopt;
}

std::optional<CpuSample> decode_sample(const Value& value) {
  const Value* source = value.find("source");
  const auto at = number_in(value, "at_seconds");
  const auto busy = number_in(value, "busy_seconds");
  const auto cpus = number_in(value, "cpus");
  if (!source || !source->as_string() || !at || !busy || !cpus) return std::nullopt;
  return CpuSample{*source->as_string(), *at, *busy, *cpus};
}

// What cannot be read is no sample: the next one will do.
std::vector<CpuSample> read_samples(const std::string& file) {
  std::vector<CpuSample> samples;
  const auto text = file.empty() ? Result<std::string>(std::string()) : read_file(file, 64 * 1024);
  const auto document = text ? parse_json(*text) : Result<Value>();
  const Value::Array* list = document ? document->as_array() : nullptr;
  for (std::size_t i = 0; list && i < std::min<std::size_t>(list->size(), 2); ++i) {
    if (auto sample = decode_sample((*list)[i])) samples.push_back(*std::move(sample));
  }
  return samples;
}

void write_samples(const std::string& file, const std::vector<CpuSample>& samples) {
  Value list = Value::array();
  for (const CpuSample& sample : samples) {
    list.push_back(Value::object({{"source", sample.source},
                                  {"at_seconds", sample.at_seconds},
                                  {"busy_seconds", sample.busy_seconds},
                                  {"cpus", sample.cpus}}));
  }
  // Without the file the next process knows less, and that is all. So nothing waits for the disk:
  // whoever decides goes on.
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), ignored);
  const std::string beside = file + ".new";
  std::ofstream out(beside, std::ios::trunc);
  out << to_json(list) << "\n";
  out.close();
  if (out) std::filesystem::rename(beside, file, ignored);
}

}  // namespace

std::optional<CpuSample> sample_cpu(const std::string& root) {
  if (const auto quota = cgroup_quota(root)) return sample_group(*quota);
  return sample_machine(root);
}

std::optional<double> cpu_use(const CpuSample& before, const CpuSample& now) {
  const double seconds = now.at_seconds - before.at_seconds;
  const double busy = now.busy_seconds - before.busy_seconds;
  if (before.source != now.source || seconds <= 0 || busy < 0 || now.cpus <= 0) return std::nullopt;
  return std::clamp(100 * busy / (seconds * now.cpus), 0.0, 100.0);
}

CpuMeter::CpuMeter(std::string file, Sampler sample)
    : file_(std::move(file)), sample_(std::move(sample)), samples_(read_samples(file_)) {
  if (const auto now = sample_()) keep(*now);
}

std::optional<double> CpuMeter::measure() {
  const auto now = sample_();
  if (!now) return std::nullopt;
  std::optional<double> use;
  // The older one, as it tells of a longer time.
  for (const CpuSample& before : samples_) {
    const double seconds = now->at_seconds - before.at_seconds;
    if (seconds < kMinIntervalSeconds || seconds > kMaxIntervalSeconds) continue;
    use = cpu_use(before, *now);
    if (use) break;
  }
  keep(*now);
  return use;
}

// The newer sample becomes the older one once a minute, so that the older one is a minute or two
// old.
void CpuMeter::keep(const CpuSample& now) {
  std::erase_if(samples_, [&](const CpuSample& before) {
    const double age = now.at_seconds - before.at_seconds;
    return before.source != now.source || before.busy_seconds > now.busy_seconds || age < 0 ||
           age > kMaxIntervalSeconds;
  });
  if (!samples_.empty() && now.at_seconds - samples_.back().at_seconds < kRenewSeconds) return;
  if (samples_.size() == 2) samples_.erase(samples_.begin());
  samples_.push_back(now);
  if (!file_.empty()) write_samples(file_, samples_);
}

}  // namespace rz::health
