#include "rz/config/missing_programs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/text.h"
#include "rz/health/checks/command_check.h"

namespace rz::config {
namespace {

bool is_program(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

bool can_run(const std::string& program, const EnvironmentLookup& environment) {
  if (program.find('/') != std::string::npos) return is_program(program);
  // What execvp() uses if PATH is not set.
  const std::string path = environment("PATH").value_or("/bin:/usr/bin");
  for (std::string_view folder : split(path, ':')) {
    if (is_program((folder.empty() ? "." : std::string(folder)) + "/" + program)) return true;
  }
  return false;
}

/// The commands of the configuration, by the path of their key.
std::map<std::string, std::vector<std::string>> commands_of(const Config& config) {
  const FallbackOptions& fallback = config.fallback;
  std::map<std::string, std::vector<std::string>> commands;
  for (std::size_t i = 0; i < config.health.checks.size(); ++i) {
    const auto* check = config.health.checks[i].get_if<health::CommandCheckOptions>();
    if (check) commands["health.checks[" + std::to_string(i) + "].command"] = check->command;
  }
  for (const auto& [mode, callback] : fallback.callbacks) {
    commands["fallback.callbacks." + std::string(to_string(mode)) + ".command"] =
        callback.run.command;
  }
  for (std::size_t i = 0; i < fallback.actions.size(); ++i) {
    commands["fallback.actions[" + std::to_string(i) + "].command"] =
        fallback.actions[i].run.command;
  }
  for (const auto& [name, detector] : {std::pair{"primary", &fallback.primary_detector},
                                       {"heuristic", &fallback.heuristic_detector}}) {
    if (!detector->command) continue;
    commands["fallback.detectors." + std::string(name) + ".command"] = detector->command->command;
  }
  return commands;
}

}  // namespace

void warn_of_missing_programs(const Config& config, const EnvironmentLookup& environment,
                              Notices& notices) {
  const auto commands = commands_of(config);
  for (const Setting& setting : config.settings) {
    const auto command = commands.find(setting.path);
    if (command == commands.end() || command->second.empty()) continue;
    if (can_run(command->second.front(), environment)) continue;
    // As the file writes it, since a value that is filled in may be a secret.
    const auto* written = setting.value.as_array();
    const std::string* program =
        written != nullptr && !written->empty() ? written->front().as_string() : nullptr;
    const bool on_path = command->second.front().find('/') == std::string::npos;
    notices.warn(setting.origin + ": " + setting.path + ": this user cannot run '" +
                 printable(program != nullptr ? *program : "") + "'; " +
                 (on_path ? "it is not on PATH, or not executable"
                          : "it does not exist, or is not executable"));
  }
}

}  // namespace rz::config
