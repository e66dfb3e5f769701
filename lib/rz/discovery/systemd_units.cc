#include "rz/discovery/systemd_units.h"

#include <algorithm>
#include <string_view>

#include "rz/base/process.h"
#include "rz/base/text.h"

namespace rz::discovery {
namespace {

// They come with every system, and systemd restarts them itself.
constexpr std::string_view kOfSystem[] = {
    "systemd-",          "getty@", "serial-getty@", "console-getty", "user@",
    "user-runtime-dir@", "dbus",   "polkit",        "modprobe@",     "rz-"};

bool is_of_system(std::string_view unit) {
  return std::any_of(std::begin(kOfSystem), std::end(kOfSystem),
                     [unit](std::string_view prefix) { return unit.starts_with(prefix); });
}

}  // namespace

std::vector<std::string> read_systemd_services(const std::string& systemctl) {
  const auto listed =
      run_process({.argv = {systemctl, "--no-pager", "--no-legend", "--plain", "--full",
                            "--type=service", "--state=running,failed", "list-units"},
                   .environment = {{"LC_ALL", "C"}},
                   .timeout = Millis{10'000}});
  std::vector<std::string> units;
  if (!listed || listed->exit_code != 0) return units;
  for (const std::string_view line : split(std::string_view(listed->output), '\n')) {
    const std::string_view unit = line.substr(0, line.find(' '));
    if (!unit.ends_with(".service") || is_of_system(unit)) continue;
    units.emplace_back(unit);
  }
  std::sort(units.begin(), units.end());
  return units;
}

}  // namespace rz::discovery
