#include "rz/config/yaml.h"

#include "rz/base/module.h"

namespace rz {

YamlDocument read_yaml(std::string_view text) {
  YamlDocument document;
  // Most runs have no configuration file; they need not pay for a parser.
  if (text.empty()) {
    document.complete = true;
    return document;
  }
  if (const auto reader = module_symbol("yaml", kYamlReader)) {
    reinterpret_cast<YamlReader*> (*reader)(text, document);
  } else {
    document.defects.push_back({{}, to_string(reader.error())});
  }
  return document;
}

}  // namespace rz
