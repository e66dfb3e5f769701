#include "reading.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "rz/base/json.h"

namespace rz::testing {

config::EnvironmentLookup environment_of(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

config::Config good(std::string_view text, const Variables& variables) {
  auto config = config::parse_config(text, "rz.yaml", environment_of(variables));
  REQUIRE_MESSAGE(config.has_value(), to_string(config.error()));
  return *std::move(config);
}

std::string wrong(std::string_view text, const Variables& variables) {
  const auto config = config::parse_config(text, "rz.yaml", environment_of(variables));
  if (config) return "";
  CHECK(config.error().code == ErrorCode::config);
  return to_string(config.error());
}

std::string setting(const config::Config& config, std::string_view path) {
  for (const config::Setting& one : config.settings) {
    if (one.path == path) return to_json(one.value) + " " + one.origin;
  }
  return "none";
}

std::string Files::write(const std::string& name, std::string_view content) const {
  const std::string path = *this / name;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

}  // namespace rz::testing
