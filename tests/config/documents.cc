#include "documents.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <regex>

#include "reading.h"
#include "rz/base/text.h"
#include "rz/config/map_reader.h"
#include "rz/config/schema.h"
#include "support/paths.h"

namespace rz::testing {
namespace {

std::vector<config::KindSchema> kinds_of(const std::string& list) {
  std::vector<config::KindSchema> kinds;
  config::for_each_field(config::config_schema(), [&](const std::string& path, const std::string&,
                                                      const config::FieldSchema& field) {
    if (path == list) kinds = field.kinds;
  });
  return kinds;
}

// An entry in each list of `fields`, also in those of their sections: `, a: [{}], b: {c: [{}]}`.
std::string entries_of_lists(const std::vector<config::FieldSchema>& fields) {
  std::string text;
  for (const config::FieldSchema& field : fields) {
    if (field.type == config::FieldSchema::Type::list) text += ", " + field.key + ": [{}]";
    const bool section = field.type == config::FieldSchema::Type::section;
    const std::string inner = section ? entries_of_lists(field.fields) : "";
    if (!inner.empty()) text += ", " + field.key + ": {" + inner.substr(2) + "}";
  }
  return text;
}

// With an entry in each list that such an entry has.
std::string entries_of_every_kind(const std::string& list) {
  std::vector<std::string> entries;
  for (const config::KindSchema& kind : kinds_of(list)) {
    entries.push_back("{type: " + kind.name + entries_of_lists(kind.fields) + "}");
  }
  return "[" + join(entries, ", ") + "]";
}

// `health.checks[1].url` as `health.checks[http].url`, and `fallback.rules[0].name` as
// `fallback.rules[].name`.
std::string with_kinds(std::string path) {
  for (const std::string list : {"health.checks", "health.metrics"}) {
    if (!path.starts_with(list + "[")) continue;
    const std::size_t begin = list.size() + 1;
    const std::size_t end = path.find(']');
    const auto number = parse_int(path.substr(begin, end - begin));
    path.replace(begin, end - begin, kinds_of(list).at(*number).name);
  }
  return std::regex_replace(path, std::regex("\\[[0-9]+\\]"), "[]");
}

}  // namespace

std::string read_source(const std::string& path) {
  std::ifstream in(test::source_dir() + "/" + path, std::ios::binary);
  REQUIRE_MESSAGE(in.is_open(), path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void write_source(const std::string& path, const std::string& content) {
  std::ofstream(test::source_dir() + "/" + path, std::ios::binary | std::ios::trunc) << content;
}

std::string difference(const Keys& have, const Keys& want) {
  std::string text;
  for (const std::string& key : have) {
    if (!want.contains(key)) text += "surplus: " + key + "\n";
  }
  for (const std::string& key : want) {
    if (!have.contains(key)) text += "missing: " + key + "\n";
  }
  return text;
}

std::string without_kinds(const std::string& path) {
  return std::regex_replace(path, std::regex("\\[[a-z][a-z0-9_]*\\]"), "[]");
}

std::vector<config::Setting> loader_settings() {
  const std::string text =
      "health: {checks: " + entries_of_every_kind("health.checks") +
      ", metrics: " + entries_of_every_kind("health.metrics") +
      "}\n"
      "fallback: {rules: [{}], actions: [{}], callbacks: {primary: {}, heuristic: {}, safe: {}},"
      " detectors: {primary: {}, heuristic: {}}, flapping: {},"
      " audit: {maintenance: [{}]}}\n"
      "bench: {http: {endpoints: [{}]}}\n";
  const config::EnvironmentLookup nothing = environment_of({});
  const std::string name;
  config::Reader reader(name, text, nothing);
  const config::YamlDocument document = config::read_yaml(text);
  config::MapReader root(reader, &document.root, "", {});
  config::Config config;
  config::visit_config(root, config);
  Keys seen;
  std::vector<config::Setting> settings;
  for (config::Setting& setting : reader.take_settings()) {
    setting.path = with_kinds(setting.path);
    if (setting.origin != "default") setting.value = nullptr;
    if (seen.insert(setting.path).second) settings.push_back(std::move(setting));
  }
  return settings;
}

Keys loader_keys() {
  Keys keys;
  for (const config::Setting& one : loader_settings()) keys.insert(without_kinds(one.path));
  return keys;
}

std::string with_examples(const std::string& text) {
  std::string out;
  for (std::string_view line : split(text, '\n')) {
    const std::size_t at = std::min(line.find_first_not_of(' '), line.size());
    std::string whole(line);
    if (at + 1 < line.size() && line[at] == '#') {
      const bool key = line[at + 1] != ' ';
      const bool entry = line.substr(at + 1).starts_with("  ");
      if (key || entry) whole.erase(at, 1);
    }
    out += whole + "\n";
  }
  return out;
}

namespace {

// An example of checks alone as a whole configuration.
std::string as_document(const std::string& example) {
  if (!example.starts_with("- ")) return example;
  std::string text = "health:\n  checks:\n";
  for (const std::string_view line : split(example, '\n')) {
    if (!line.empty()) text += "    " + std::string(line) + "\n";
  }
  return text;
}

}  // namespace

std::vector<std::string> manual_examples() {
  std::string page = read_source("man/rz.yaml.5");
  for (const auto& [escape, plain] :
       {std::pair{"\\\\-", "-"}, {R"(\\\(rs)", R"(\)"}, {R"(\\\(aq)", "'"}, {R"(\\\(ga)", "`"}}) {
    page = std::regex_replace(page, std::regex(escape), plain);
  }
  std::vector<std::string> examples;
  for (std::size_t at = 0; (at = page.find("\n.EX\n", at)) != std::string::npos;) {
    const std::size_t end = page.find("\n.EE", at);
    REQUIRE(end != std::string::npos);
    examples.push_back(as_document(page.substr(at + 5, end - at - 4)));
    at = end;
  }
  return examples;
}

bool has_keys_of_the_user(const std::string& path) {
  return path == "conditions.variables" || path == "health.checks[].severity";
}

}  // namespace rz::testing
