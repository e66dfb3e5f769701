#include "rz/config/yaml.h"

#include "rz/config/yaml_module.h"

namespace rz::config {

YamlDocument read_yaml(std::string_view text) {
  YamlDocument document;
  // Many runs have no configuration file; they should not load a YAML parser.
  if (text.empty()) {
    document.complete = true;
    return document;
  }
  if (const auto reader = load_module(kYamlModule)) {
    (*reader)(text, document);
  } else {
    document.diagnostics.push_back({{}, to_string(reader.error())});
  }
  return document;
}

}  // namespace rz::config
