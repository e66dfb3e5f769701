// config/rz.yaml and rz.yaml(5) say what the schema says: each key of one is a key of all, with the
// same default.

#include "rz/config/schema.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <regex>

#include "documents.h"
#include "example_lists.h"
#include "manual.h"
#include "reading.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/config/reader.h"
#include "rz/fallback/policy_variables.h"
#include "rz/health/check_type.h"
#include "rz/metrics/sink_type.h"
#include "rz/storage/storage_schemes.h"

namespace rz::config {

using testing::difference;
using testing::Keys;
using testing::read_source;

namespace {

void collect_keys(const Value& value, const std::string& path, Keys& keys) {
  if (const Value::Array* array = value.as_array();
      array && !array->empty() && (*array)[0].as_object()) {
    for (const Value& item : *array) collect_keys(item, path + "[]", keys);
  } else if (const Value::Object* object = value.as_object();
             object && !testing::has_keys_of_the_user(path)) {
    for (const auto& each : *object) {
      const auto& key = each.first;
      const auto& member = each.second;
      collect_keys(member, path.empty() ? key : path + "." + key, keys);
    }
  } else {
    keys.insert(path);
  }
}

const char* type_name(FieldSchema::Type type) {
  using enum FieldSchema::Type;
  switch (type) {
    case text:
    case url: return "text";
    case path: return "path";
    case boolean: return "boolean";
    case integer: return "integer";
    case duration: return "duration";
    case percentage: return "percentage";
    case size: return "size";
    case number: return "number";
    case texts: return "list of texts";
    case texts_or_numbers: return "list of texts or numbers";
    case command: return "command";
    case condition: return "condition";
    case list: return "list";
    case named_words:
    case section: return "mapping";
    case word: return "";
  }
  return "";
}

std::string in_manual(const Value& value) {
  const std::string* text = value.as_string();
  return text && !text->empty() ? *text : to_json(value);
}

/// What stands in brackets behind a key: `integer, default 3, 0 to 100`, `text; needed`.
std::string manual_type(const FieldSchema& field) {
  std::vector<std::string> words = field.words;
  if (field.type != FieldSchema::Type::word) words = {type_name(field.type)};
  if (field.type == FieldSchema::Type::integer) {
    words.insert(words.end(), field.words.begin(), field.words.end());
  }
  std::string text = join_or(words);
  const Value::Object* members = field.default_value.as_object();
  // A long one stands in the text, and so does one that depends on the kind.
  const bool elsewhere = (members && !members->empty()) || field.key == "name";
  if (!field.default_value.is_null() && !elsewhere) {
    text += ", default " + in_manual(field.default_value);
  }
  if (field.bounds) {
    text += ", " + in_manual(field.bounds->min) + " to " + in_manual(field.bounds->max);
  }
  return text + (field.needed ? "; needed" : "");
}

/// The heading under which a key of that path is described, if it is one of its kind alone.
std::string heading_of(const std::string& path, const std::string& kind) {
  const std::size_t dot = path.rfind('.');
  const std::string parent =
      std::regex_replace(path.substr(0, dot == std::string::npos ? 0 : dot),
                         std::regex("callbacks\\.(primary|heuristic|safe)"), "callbacks.MODE");
  return kind.empty() ? parent : parent + ": " + kind;
}

// Where the manual has the schemes of URLs and the variables of a rule, which are no keys.
const std::string kSchemes = "storage.url: schemes ";
const std::string kVariables = "fallback.rules[]: variables ";

bool begins_with_sentence(const std::string& text, std::string sentence) {
  if (sentence.ends_with('.')) sentence.pop_back();
  return text.starts_with(sentence);
}

}  // namespace

TEST_CASE("config/rz.yaml has an example of every type of check and sink") {
  for (const std::string list : {"checks", "metrics"}) {
    std::string text = read_source("config/rz.yaml");
    const std::size_t begin = text.find("  #" + list + ":\n");
    const std::size_t end = text.find("\n\n", begin);
    REQUIRE(end != std::string::npos);
    const std::string there = text.substr(begin, end + 1 - begin);
    const std::string made = testing::example_list(list);
    if (std::getenv("RZ_UPDATE_GOLDEN") != nullptr) {
      testing::write_source("config/rz.yaml", text.replace(begin, there.size(), made));
    } else {
      CHECK_MESSAGE((there == made),
                    "config/rz.yaml is out of date; RZ_UPDATE_GOLDEN=1 build/bin/config_tests "
                    "rewrites it");
    }
  }
}

TEST_CASE("config/rz.yaml with its examples has every key and no other") {
  const testing::Files folder;
  const std::string password = folder.write("secret", "pw\n");
  std::string text = testing::with_examples(read_source("config/rz.yaml"));
  text = std::regex_replace(text, std::regex("/run/secrets/[a-z]+"), password);
  const Config config = testing::good(text);
  CHECK(config.notices.warnings().empty());
  CHECK(config.health.checks.size() == health::check_types().size());
  CHECK(config.health.metrics.size() == metrics::sink_types().size());
  CHECK(config.fallback.callbacks.size() == 3);
  const auto document = parse_document(text, "rz.yaml");
  REQUIRE(document.has_value());
  Keys keys;
  collect_keys(*document, "", keys);
  Keys known = testing::loader_keys();
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

TEST_CASE("rz.yaml(5) has every key and no other, with its type, default, bounds and sentence") {
  const testing::Manual manual = testing::read_manual(read_source("man/rz.yaml.5"));
  Keys described;
  for_each_field(config_schema(), [&](const std::string& path, const std::string& kind,
                                      const FieldSchema& field) {
    // Described once, as those of storage.tls.
    if (path.find("[].tls.") != std::string::npos) return;
    INFO(path << " " << kind);
    for (const KindSchema& each : field.kinds) {
      const std::string heading = path + "[]: " + each.name;
      REQUIRE_MESSAGE(manual.sections.contains(heading), heading);
      CHECK(begins_with_sentence(manual.sections.at(heading), each.summary));
    }
    if (!field.fields.empty() && kind.empty()) {
      const bool in_list = field.type == FieldSchema::Type::list;
      const std::string heading = heading_of(path + (in_list ? "[]." : "."), "");
      REQUIRE_MESSAGE(manual.sections.contains(heading), heading);
      const std::string& text = manual.sections.at(heading);
      if (!text.empty()) CHECK(begins_with_sentence(text, field.sentence));
    }
    std::string place = heading_of(path, kind) + " " + field.key;
    if (!manual.entries.contains(place)) place = heading_of(path, "") + " " + field.key;
    if (!manual.entries.contains(place)) {
      CHECK_MESSAGE(field.type == FieldSchema::Type::section, "has no entry '" << place << "'");
      return;
    }
    described.insert(place);
    CHECK(manual.entries.at(place).type == manual_type(field));
    CHECK_MESSAGE(begins_with_sentence(manual.entries.at(place).text, field.sentence),
                  manual.entries.at(place).text);
  });
  Keys entries;
  for (const auto& each : manual.entries) {
    const bool key = !each.first.starts_with(kVariables) && !each.first.starts_with(kSchemes);
    if (key) entries.insert(each.first);
  }
  CHECK(difference(entries, described) == "");
}

TEST_CASE("rz.yaml(5) has every variable of a rule and no other, with its type and sentence") {
  const testing::Manual manual = testing::read_manual(read_source("man/rz.yaml.5"));
  Keys described;
  for (const fallback::PolicyVariable& variable : fallback::policy_variable_table()) {
    const std::string place = kVariables + std::string(variable.name);
    INFO(place);
    REQUIRE(manual.entries.contains(place));
    described.insert(place);
    constexpr const char* kTypes[] = {"number", "integer", "string", "boolean"};
    std::string type = kTypes[static_cast<std::size_t>(variable.type)];
    std::vector<std::string> words(variable.words.begin(), variable.words.end());
    if (!words.empty()) {
      const std::string last = words.back();
      words.pop_back();
      type += ": " + join(words, ", ") + " or " + last;
    }
    CHECK(manual.entries.at(place).type == type);
    CHECK(begins_with_sentence(manual.entries.at(place).text, std::string(variable.sentence)));
  }
  Keys entries;
  for (const auto& each : manual.entries) {
    if (each.first.starts_with(kVariables)) entries.insert(each.first);
  }
  CHECK(difference(entries, described) == "");
}

TEST_CASE("rz.yaml(5) has every scheme of a storage URL and no other, with form and sentence") {
  const testing::Manual manual = testing::read_manual(read_source("man/rz.yaml.5"));
  Keys described;
  for (const storage::StorageScheme& scheme : storage::storage_schemes()) {
    const std::string place = kSchemes + std::string(scheme.name);
    INFO(place);
    REQUIRE(manual.entries.contains(place));
    described.insert(place);
    CHECK(manual.entries.at(place).type == scheme.form);
    CHECK(manual.entries.at(place).text ==
          std::string(scheme.sentence) + " As in " + std::string(scheme.example) + ".");
  }
  Keys entries;
  for (const auto& each : manual.entries) {
    if (each.first.starts_with(kSchemes)) entries.insert(each.first);
  }
  CHECK(difference(entries, described) == "");
}

TEST_CASE("rz.yaml(5) says of each type of check what its statuses mean, and has an example") {
  const std::string page = read_source("man/rz.yaml.5");
  for (const health::CheckType& type : health::check_types()) {
    INFO(type.name);
    const std::size_t begin = page.find(".SS health.checks[]: " + std::string(type.name) + "\n");
    REQUIRE(begin != std::string::npos);
    const std::string text = page.substr(begin, page.find("\n.SS ", begin) - begin);
    for (const char* status : {"\n.B unhealthy\n", "\n.B unknown\n"}) {
      CHECK_MESSAGE(text.find(status) != std::string::npos, status);
    }
    CHECK(text.find("\n.EX\n") != std::string::npos);
    const std::string example = "type: " + std::string(type.name);
    const bool shown = text.find(example + "\n") != std::string::npos ||
                       text.find(example + ",") != std::string::npos;
    CHECK(shown);
  }
}

TEST_CASE("the examples of rz.yaml(5) load") {
  const std::vector<std::string> examples = testing::manual_examples();
  for (const std::string& example : examples) {
    INFO(example);
    CHECK(testing::wrong(example, {{"RZ_PASSWORD", "pw"}}) == "");
  }
  CHECK(examples.size() == 3 + health::check_types().size());
}

}  // namespace rz::config
