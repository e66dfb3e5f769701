#include "rz/config/config.h"

#include <cstdlib>

#include "rz/base/file.h"
#include "rz/config/sections.h"

namespace rz {

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

void read_config(MapReader& root, Config& config) {
  root.mapping("storage", [&](MapReader& map) { read_storage(map, config.storage); });
  root.mapping("health", [&](MapReader& map) { read_health(map, config.health); });
  // Before `fallback`, whose conditions stand on these.
  root.mapping("conditions", [&](MapReader& map) { read_conditions(map, config.conditions); });
  root.mapping("fallback",
               [&](MapReader& map) { read_fallback(map, config.fallback, config.conditions); });
}

Result<Config> parse_config(std::string_view text, const std::string& name,
                            const EnvironmentLookup& environment) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Reader reader(name, text, environment);
  YamlDocument document = read_yaml(text);
  for (Defect& defect : document.defects) reader.error(defect.place, std::move(defect.message));
  Config config;
  if (document.complete) {
    YamlNode& root = document.root;
    const bool is_mapping = root.kind == YamlNode::Kind::mapping;
    if (!is_mapping && !root.is_null()) {
      reader.error(root.place, "expected a mapping (key: value), got " + describe(root));
    }
    adopt_flat_keys(root, reader);
    MapReader map(reader, is_mapping ? &root : nullptr, "", root.place);
    read_config(map, config);
    map.finish();
  }
  if (reader.failed()) return fail(reader.take_error());
  config.path = name;
  config.warnings = reader.take_warnings();
  config.settings = reader.take_settings();
  return config;
}

Result<Config> load_config(const std::string& path, const EnvironmentLookup& environment) {
  if (path.empty()) return parse_config("", "", environment);
  const auto text = read_file(path, kMaxYamlBytes);
  if (!text) return fail(ErrorCode::config, text.error().message, text.error().where);
  return parse_config(*text, path == "-" ? "standard input" : path, environment);
}

}  // namespace rz
