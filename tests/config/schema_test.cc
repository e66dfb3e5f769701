// The loader, config/rz.yaml, config/rz.schema.json and rz.yaml(5) say the same: each key of one is
// a key of all, with the same default.

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>

#include "reading.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/config/settings.h"

namespace rz {
namespace {

using Keys = std::set<std::string>;

const std::set<std::string> kFlatKeys = {"redis_url", "timeout", "max_retries", "retry_delay"};
// Mappings whose keys are the user's.
const std::set<std::string> kOpen = {"conditions.variables", "health.checks[].severity"};

std::string read_source(const std::string& path) {
  std::ifstream in(std::string(RZ_SOURCE_DIR) + "/" + path, std::ios::binary);
  REQUIRE_MESSAGE(in.is_open(), path);
  return std::string(std::istreambuf_iterator<char>(in), {});
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

Keys loader_keys() {
  Keys keys;
  for (const Setting& one : known_settings()) keys.insert(one.path);
  return keys;
}

void collect_keys(const Value& value, const std::string& path, Keys& keys) {
  if (const Value::Array* array = value.as_array();
      array && !array->empty() && (*array)[0].as_object()) {
    for (const Value& item : *array) collect_keys(item, path + "[]", keys);
  } else if (const Value::Object* object = value.as_object(); object && !kOpen.contains(path)) {
    for (const auto& each : *object) {
      const auto& key = each.first;
      const auto& member = each.second;
      collect_keys(member, path.empty() ? key : path + "." + key, keys);
    }
  } else {
    keys.insert(path);
  }
}

/// config/rz.yaml with its examples: lines that begin with '#' and no blank, or with more than one.
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

class Schema {
 public:
  Schema() : root_(*parse_json(read_source("config/rz.schema.json"))) {}

  /// Calls `visit(path, schema)` for every key that holds no other keys.
  template <class Visit>
  void each(Visit visit) const {
    walk(root_, "", visit);
  }

  /// The default of a property, or of what it refers to; null if there is none.
  const Value* default_of(const Value& property) const {
    const Value* stated = property.find("default");
    const Value* referred = referred_by(property);
    return stated || !referred ? stated : default_of(*referred);
  }

 private:
  const Value* referred_by(const Value& schema) const {
    const Value* reference = schema.find("$ref");
    if (!reference) return nullptr;
    const std::string name = reference->as_string()->substr(std::string("#/definitions/").size());
    const Value* found = root_.find("definitions")->find(name);
    REQUIRE_MESSAGE(found, name);
    return found;
  }

  const Value& resolve(const Value& schema) const {
    const Value* referred = referred_by(schema);
    return referred ? resolve(*referred) : schema;
  }

  template <class Visit>
  void walk(const Value& given, const std::string& path, Visit& visit) const {
    const Value& schema = resolve(given);
    const Value* properties = schema.find("properties");
    if (const Value* items = schema.find("items"); items && resolve(*items).find("properties")) {
      walk(*items, path + "[]", visit);
    } else if (const Value* types = schema.find("allOf")) {
      for (const Value& type : *types->as_array()) walk(*type.find("then"), path, visit);
    } else if (properties && !kOpen.contains(path)) {
      const Value* closed = schema.find("additionalProperties");
      CHECK_MESSAGE((closed && closed->as_bool() && !*closed->as_bool()), path);
      for (const auto& each : *properties->as_object()) {
        const auto& key = each.first;
        const auto& member = each.second;
        if (path.empty() && kFlatKeys.contains(key)) continue;
        walk(member, path.empty() ? key : path + "." + key, visit);
      }
    } else {
      visit(path, given);
    }
  }

  Value root_;
};

/// The entries of rz.yaml(5), as they stand: `.BR KEY " (TEXT)"` below `.SS SECTION`.
std::map<std::string, std::string> manual_entries() {
  std::map<std::string, std::string> entries;
  std::string section;
  const std::string page = read_source("man/rz.yaml.5");
  for (std::string_view line : split(page, '\n')) {
    static const std::regex kEntry("\\.BR ([a-z_]+) \" \\((.*)\\)\"");
    const std::string text(line);
    std::smatch match;
    if (text.starts_with(".SS ")) section = text.substr(4);
    if (std::regex_match(text, match, kEntry)) entries[section + "." + match[1].str()] = match[2];
  }
  return entries;
}

std::string as_manual(const Value& value) {
  if (const std::string* text = value.as_string()) return text->empty() ? "\\(dq\\(dq" : *text;
  return to_json(value);
}

}  // namespace

TEST_CASE("config/rz.yaml with its examples has every key and no other") {
  const testing::Files folder;
  const std::string password = folder.write("redis", "pw\n");
  std::string text = with_examples(read_source("config/rz.yaml"));
  for (const std::string secret : {"/run/secrets/redis", "/run/secrets/sentinel"}) {
    for (std::size_t at; (at = text.find(secret)) != std::string::npos;) {
      text.replace(at, secret.size(), password);
    }
  }
  const Config config = testing::good(text);
  REQUIRE(config.warnings.size() == 1);
  CHECK(config.warnings[0].ends_with(": fallback.audit: is not used by any command yet"));
  CHECK(config.health.checks.size() == 4);
  CHECK(config.health.metrics.size() == 4);
  CHECK(config.fallback.callbacks.size() == 3);
  const auto document = parse_document(text, "rz.yaml");
  REQUIRE(document.has_value());
  Keys keys;
  collect_keys(*document, "", keys);
  Keys known = loader_keys();
  // The detector may have either; the example shows the condition.
  known.erase("fallback.detectors.heuristic.command");
  known.erase("fallback.detectors.heuristic.timeout");
  CHECK(difference(keys, known) == "");
}

TEST_CASE("config/rz.yaml as it stands changes nothing") {
  const std::string text = read_source("config/rz.yaml");
  const Config config = testing::good(text);
  const Config defaults = testing::good("");
  REQUIRE(config.settings.size() == defaults.settings.size());
  for (std::size_t i = 0; i < config.settings.size(); ++i) {
    INFO(config.settings[i].path);
    CHECK(config.settings[i].path == defaults.settings[i].path);
    CHECK(to_json(config.settings[i].value) == to_json(defaults.settings[i].value));
    // And so that a person sees it: what has a default is written out.
    const bool has_default =
        !defaults.settings[i].value.is_null() && !(defaults.settings[i].value == Value::array());
    CHECK((config.settings[i].origin != "default") == has_default);
  }
  for (std::string_view line : split(text, '\n')) CHECK(display_width(line) <= 100);
}

TEST_CASE("the schema has every key and no other") {
  Keys keys;
  Schema().each([&](const std::string& path, const Value&) { keys.insert(path); });
  CHECK(difference(keys, loader_keys()) == "");
}

TEST_CASE("the schema has the flat keys of the old system, as deprecated") {
  const auto schema = parse_json(read_source("config/rz.schema.json"));
  REQUIRE(schema.has_value());
  for (const std::string& key : kFlatKeys) {
    INFO(key);
    const Value* property = schema->find("properties")->find(key);
    REQUIRE(property);
    CHECK(*property->find("deprecated") == Value(true));
  }
}

TEST_CASE("the schema has the loader's defaults") {
  std::map<std::string, Value> defaults;
  for (const Setting& one : known_settings()) defaults[one.path] = one.value;
  // Where no check is configured it is that of the type.
  defaults["health.checks[].name"] = nullptr;
  for (const char* sample :
       {"health.checks", "health.metrics", "fallback.rules", "fallback.actions"}) {
    defaults[sample] = Value::array();
  }
  const Schema schema;
  schema.each([&](const std::string& path, const Value& property) {
    INFO(path);
    const Value* stated = schema.default_of(property);
    const Value expected = defaults[path];
    CHECK(expected.is_null() == (stated == nullptr));
    if (stated) CHECK(to_json(*stated) == to_json(expected));
  });
}

TEST_CASE("rz.yaml(5) has every key and no other, with its default") {
  std::map<std::string, Value> known;
  for (const Setting& one : known_settings()) {
    const std::string path = std::regex_replace(
        one.path, std::regex("callbacks\\.(primary|heuristic|safe)"), "callbacks.MODE");
    if (!path.starts_with("health.checks[].tls.")) known[path] = one.value;
  }
  known["health.checks[].name"] = nullptr;
  known["conditions.variables"] = nullptr;
  const auto entries = manual_entries();
  Keys described, keys;
  for (const auto& each : known) keys.insert(each.first);
  for (const auto& [path, text] : entries) {
    // Lists and mappings whose own keys have a heading.
    const bool section = text == "list, default []" || text == "mapping";
    if (!section || keys.contains(path)) described.insert(path);
  }
  CHECK(difference(described, keys) == "");
  for (const auto& each : known) {
    const auto& path = each.first;
    const auto& value = each.second;
    if (!entries.contains(path)) continue;
    INFO(path);
    const std::string& text = entries.at(path);
    const std::size_t at = text.find("default ");
    CHECK((at != std::string::npos) == !value.is_null());
    if (at == std::string::npos) continue;
    const std::string stated = text.substr(at + 8, text.find(", ", at) - at - 8);
    CHECK(stated == as_manual(value));
  }
}

TEST_CASE("the examples of rz.yaml(5) load") {
  std::string page = read_source("man/rz.yaml.5");
  page = std::regex_replace(page, std::regex("\\\\-"), "-");
  std::size_t count = 0;
  for (std::size_t at = 0; (at = page.find("\n.EX\n", at)) != std::string::npos;) {
    const std::size_t end = page.find("\n.EE", at);
    REQUIRE(end != std::string::npos);
    const std::string example = page.substr(at + 5, end - at - 4);
    INFO(example);
    CHECK(testing::wrong(example, {{"RZ_PASSWORD", "pw"}}) == "");
    at = end;
    ++count;
  }
  CHECK(count == 3);
}

}  // namespace rz
