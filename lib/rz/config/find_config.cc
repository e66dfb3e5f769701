#include <unistd.h>

#include <algorithm>

#include "rz/config/config.h"

namespace rz::config {
namespace {

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::string user_folder(const EnvironmentLookup& environment) {
  // The XDG base directory specification says to ignore a relative path.
  const auto xdg = environment("XDG_CONFIG_HOME");
  if (xdg && xdg->starts_with('/')) return *xdg;
  const auto home = environment("HOME");
  return home && !home->empty() ? *home + "/.config" : "";
}

}  // namespace

std::vector<ConfigCandidate> config_candidates(const std::string& flag,
                                               const EnvironmentLookup& environment) {
  if (!flag.empty()) return {{flag, "--config", true}};
  const auto variable = environment("RZ_CONFIG");
  if (variable && !variable->empty()) return {{*variable, "RZ_CONFIG", true}};
  std::vector<ConfigCandidate> candidates;
  if (const std::string folder = user_folder(environment); !folder.empty()) {
    const std::string path = folder + "/rz/rz.yaml";
    candidates.push_back({path, "of the user", exists(path)});
  }
  candidates.push_back({"/etc/rz/rz.yaml", "of the machine", exists("/etc/rz/rz.yaml")});
  return candidates;
}

std::optional<std::string> find_config(const std::string& flag,
                                       const EnvironmentLookup& environment) {
  for (const ConfigCandidate& candidate : config_candidates(flag, environment)) {
    if (candidate.counts) return candidate.path;
  }
  return std::nullopt;
}

}  // namespace rz::config
