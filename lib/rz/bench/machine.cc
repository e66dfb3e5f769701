#include "rz/bench/machine.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::bench {
namespace {

// A machine of thousands of processors writes a few MB.
constexpr std::uint64_t kMaxKernelFile = 64 << 20;
// Of the processors, what may be busy with other things before figures are in doubt.
constexpr double kMuchLoad = 0.5;
constexpr double kMuchStealPercent = 1;

std::string cpu_model(const MachineFiles& files) {
  const auto text = read_file(files.proc + "/cpuinfo", kMaxKernelFile);
  if (!text) return "unknown";
  for (std::string_view line : split(*text, '\n')) {
    // ARM kernels have no model name.
    if (!line.starts_with("model name") && !line.starts_with("Hardware")) continue;
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) return std::string(trim(line.substr(colon + 1)));
  }
  return "unknown";
}

std::string kernel() {
  utsname name{};
  if (::uname(&name) != 0) return "unknown";
  return std::string(name.sysname) + " " + name.release + " " + name.machine;
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

const char* build() {
#if defined(RZ_SANITIZED)
  return "sanitized";
#elif defined(__OPTIMIZE__)
  return "optimized";
#else
  return "not optimized";
#endif
}

std::optional<std::string> line_of(const std::string& path) {
  const auto text = read_file(path, kMaxKernelFile);
  if (!text) return std::nullopt;
  return std::string(trim(*text));
}

std::string member_text(const Value& value) {
  if (const std::string* text = value.as_string()) return *text;
  if (const std::int64_t* number = value.as_int()) return std::to_string(*number);
  return value.type_name();
}

double number_of(const Value& object, std::string_view key) {
  const Value* value = object.find(key);
  if (value == nullptr) return 0;
  if (const double* number = value->as_double()) return *number;
  if (const std::int64_t* number = value->as_int()) return static_cast<double>(*number);
  return 0;
}

bool has_turbo(const MachineFiles& files) {
  const std::string cpu = files.sys + "/devices/system/cpu/";
  return line_of(cpu + "intel_pstate/no_turbo") == "0" || line_of(cpu + "cpufreq/boost") == "1";
}

}  // namespace

Value machine_fingerprint(const MachineFiles& files) {
  Value machine = Value::object({{"cpu", cpu_model(files)},
                                 {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
                                 {"kernel", kernel()},
                                 {"compiler", compiler()},
                                 {"build", build()},
                                 {"rz_version", RZ_VERSION}});
  if (auto governor = line_of(files.sys + "/devices/system/cpu/cpu0/cpufreq/scaling_governor")) {
    machine.set("governor", *std::move(governor));
  }
  return machine;
}

std::vector<MachineDifference> machine_differences(const Value& before, const Value& now) {
  constexpr std::array<std::pair<const char*, bool>, 6> kCompared = {{{"cpu", true},
                                                                      {"cores", true},
                                                                      {"build", true},
                                                                      {"kernel", false},
                                                                      {"compiler", false},
                                                                      {"governor", false}}};
  std::vector<MachineDifference> differences;
  for (const auto& compared : kCompared) {
    const Value* then = before.find(compared.first);
    const Value* today = now.find(compared.first);
    if (then == nullptr || today == nullptr || *then == *today) continue;
    differences.push_back(
        {compared.first, member_text(*then), member_text(*today), compared.second});
  }
  return differences;
}

MachineWatch::MachineWatch(MachineFiles files) : files_(std::move(files)), begin_(read_times()) {
  if (const auto line = line_of(files_.proc + "/loadavg")) {
    if (const auto load = parse_double(split(*line, ' ').front())) load_ = *load;
  }
}

MachineWatch::Times MachineWatch::read_times() const {
  Times times;
  const auto text = read_file(files_.proc + "/stat", kMaxKernelFile);
  if (!text || !text->starts_with("cpu ")) return times;
  // user nice system idle iowait irq softirq steal; guests are counted in user already.
  constexpr std::size_t kIdle = 3;
  constexpr std::size_t kWaiting = 4;
  constexpr std::size_t kSteal = 7;
  const std::string line(trim(split(*text, '\n').front().substr(4)));
  std::size_t field = 0;
  for (std::string_view word : split(line, ' ')) {
    const double ticks = parse_double(word).value_or(0);
    if (field <= kSteal) times.all += ticks;
    if (field == kIdle || field == kWaiting) times.idle += ticks;
    if (field == kSteal) times.steal = ticks;
    ++field;
  }
  return times;
}

Value MachineWatch::conditions() const {
  Value conditions = Value::object();
  if (!load_.is_null()) conditions.set("load", load_);
  const Times now = read_times();
  const double all = now.all - begin_.all;
  if (all <= 0) return conditions;
  conditions.set("steal_percent", 100 * (now.steal - begin_.steal) / all);
  conditions.set("busy_percent", 100 * (all - (now.idle - begin_.idle)) / all);
  return conditions;
}

std::vector<std::string> unsteady_because(const Value& machine, const Value& conditions,
                                          const MachineFiles& files) {
  std::vector<std::string> reasons;
  const Value* governor = machine.find("governor");
  if (governor != nullptr && member_text(*governor) != "performance") {
    reasons.push_back(
        fmt::format("the governor '{}' changes the processor's frequency "
                    "(cpupower frequency-set -g performance)",
                    member_text(*governor)));
  }
  if (has_turbo(files)) {
    reasons.emplace_back("turbo frequencies depend on what else the processor does");
  }
  const double load = number_of(conditions, "load");
  const double cores = number_of(machine, "cores");
  if (cores > 0 && load > kMuchLoad * cores) {
    reasons.push_back(
        fmt::format("other programs were running: the load was {:.1f} on {:.0f} "
                    "processors",
                    load, cores));
  }
  const double steal = number_of(conditions, "steal_percent");
  if (steal > kMuchStealPercent) {
    reasons.push_back(
        fmt::format("the hypervisor gave {:.0f} % of the processor time to others", steal));
  }
  return reasons;
}

}  // namespace rz::bench
