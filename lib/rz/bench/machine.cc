#include "rz/bench/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <string>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::bench {
namespace {

// A machine of thousands of processors writes a few MB.
constexpr std::uint64_t kMaxCpuinfo = 64 << 20;

std::string cpu_model() {
  const auto text = read_file("/proc/cpuinfo", kMaxCpuinfo);
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

}  // namespace

Value machine_fingerprint() {
  Value machine = Value::object({{"cpu", cpu_model()},
                                 {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
                                 {"kernel", kernel()},
                                 {"compiler", compiler()},
                                 {"build", build()},
                                 {"rz_version", RZ_VERSION}});
  if (auto governor = read_file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", 4096)) {
    machine.set("governor", std::string(trim(*governor)));
  }
  return machine;
}

}  // namespace rz::bench
