#include "rz/config/config.h"

#include <algorithm>
#include <cstdlib>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/config/flat_keys.h"
#include "rz/config/map_reader.h"
#include "rz/config/schema.h"

namespace rz::config {

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

namespace {

// A file with more errors is probably not a configuration, and nobody reads on.
constexpr std::size_t kMaxErrorsTold = 100;

CheckedConfig check_text(std::string_view text, const std::string& name,
                         const EnvironmentLookup& environment) {
  // Some editors begin a file with a byte order mark, which is not a part of the text.
  text = without_byte_order_mark(text);
  Reader reader(name, text, environment);
  YamlDocument document = read_yaml(text);
  for (Diagnostic& diagnostic : document.diagnostics)
    reader.error(diagnostic.place, std::move(diagnostic.message));
  CheckedConfig checked;
  if (document.complete) {
    YamlNode& root = document.root;
    // An empty file is null, and valid: all keys have defaults.
    const bool is_mapping = root.kind == YamlNode::Kind::mapping;
    if (!is_mapping && !root.is_null()) {
      reader.error(root.place, "expected a mapping (key: value), got " + describe(root));
    }
    // Before reading, so that the old keys are read by the rules of those that replace them.
    adopt_flat_keys(root, reader);
    MapReader map(reader, is_mapping ? &root : nullptr, "", root.place);
    visit_config(map, checked.config);
    map.finish();
  }
  checked.errors = reader.take_errors();
  checked.config.path = name;
  checked.config.notices = reader.take_notices();
  checked.config.settings = reader.take_settings();
  return checked;
}

Result<Config> all_right(CheckedConfig checked) {
  if (checked.errors.empty()) return std::move(checked.config);
  return fail(join_errors(checked.errors));
}

}  // namespace

Error join_errors(const std::vector<Error>& errors) {
  Error all = errors.front();
  for (std::size_t i = 1; i < std::min(errors.size(), kMaxErrorsTold); ++i) {
    all.message += "\n" + to_string(errors[i]);
  }
  if (errors.size() > kMaxErrorsTold) {
    all.message += "\n… and " + std::to_string(errors.size() - kMaxErrorsTold) + " more";
  }
  return all;
}

Result<Config> parse_config(std::string_view text, const std::string& name,
                            const EnvironmentLookup& environment) {
  return all_right(check_text(text, name, environment));
}

CheckedConfig check_config(const std::string& path, const EnvironmentLookup& environment) {
  if (path.empty()) return check_text("", "", environment);
  const auto text = read_file(path, kMaxYamlBytes);
  if (!text) {
    // Whatever kept the file from being read, it is an error of the configuration.
    return {{}, {Error{ErrorCode::config, text.error().message, text.error().where}}};
  }
  return check_text(*text, path == "-" ? "standard input" : path, environment);
}

Result<Config> load_config(const std::string& path, const EnvironmentLookup& environment) {
  return all_right(check_config(path, environment));
}

}  // namespace rz::config
