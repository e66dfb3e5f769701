// config/rz.schema.json: each key of the loader is one of the schema, with the same default, and
// what the loader takes the schema takes.

#include "rz/config/json_schema.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "documents.h"
#include "reading.h"
#include "rz/base/json.h"
#include "rz/base/process.h"
#include "rz/config/schema.h"
#include "support/paths.h"
#include "support/patience.h"

namespace rz::config {

using testing::difference;
using testing::Keys;
using testing::read_source;

namespace {

const std::set<std::string> kFlatKeys = {"redis_url", "timeout", "max_retries", "retry_delay"};

class Schema {
 public:
  Schema() : root_(*parse_json(read_source("config/rz.schema.json"))) {}

  /// Calls `visit(path, schema)` for every key that holds no other keys. An entry of a list of
  /// kinds has its kind in the path, `health.checks[disk].path`.
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
    const std::string name = reference->as_string()->substr(std::string("#/$defs/").size());
    const Value* found = root_.find("$defs")->find(name);
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
      for (const Value& type : *types->as_array()) {
        const Value& kind = *type.find("if")->find("properties")->find("type")->find("const");
        REQUIRE(path.ends_with("[]"));
        walk(*type.find("then"),
             path.substr(0, path.size() - 1) + std::string(*kind.as_string()) + "]", visit);
      }
    } else if (properties && !testing::has_keys_of_the_user(path)) {
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

constexpr const char* kRight[] = {
    "",
    "storage:\nhealth:\n  checks:\n  breaker:\n  metrics:\nfallback:\n  callbacks:\n",
    "storage: {timeout: \"${T}\", retry_delay: 0}",
    "storage: {timeout: 1h30m, max_retries: 100}",
    "{redis_url: 'redis://h', timeout: 5.0, max_retries: 3, retry_delay: 0.5}",
    "health: {checks: [{type: disk, warning: 70.5%, severity: {unknown: degraded}}]}",
    "health: {checks: [{type: http, url: 'http://a', tags: [x], severity: {}}]}",
    "health: {metrics: [{type: noop}, {type: statsd, dialect: dogstatsd}]}",
    "conditions: {variables: {x: number, y: string}}",
    "fallback: {rules: [{name: r, when: true}], policy: {unknown_components: 3}}",
    "fallback: {callbacks: {safe: {command: [page, '{to}', 5]}}}",
    "fallback: {detectors: {heuristic: {when: severity > 2}}}",
    "fallback: {detectors: {heuristic: {command: [detect], timeout: 1s}}}",
};

constexpr const char* kWrong[] = {
    "- storage",
    "storrage: {}",
    "storage: [url]",
    "storage: {colour: red}",
    "storage: {url: ''}",
    "storage: {timeout: 5}",
    "storage: {timeout: 5x}",
    "storage: {max_retries: 101}",
    "storage: {max_retries: '3'}",
    "storage: {tls: {verify: 'yes'}}",
    "health: {checks: {type: disk}}",
    "health: {checks: [{}]}",
    "health: {checks: [{type: htpp, url: x}]}",
    "health: {checks: [{type: http}]}",
    "health: {checks: [{type: disk, url: x}]}",
    "health: {checks: [{type: disk, warning: 80}]}",
    "health: {checks: [{type: disk, name: ''}]}",
    "health: {checks: [{type: disk, severity: {bad: healthy}}]}",
    "health: {checks: [{type: disk, severity: {unknown: bad}}]}",
    "health: {checks: [{type: component, component: ''}]}",
    "health: {metrics: [{type: prometheus}]}",
    "health: {metrics: [{type: logging, level: warn}]}",
    "conditions: {variables: {x: txt}}",
    "fallback: {rules: [{name: r}]}",
    "fallback: {policy: {unknown_components: none}}",
    "fallback: {callbacks: {safe: {}}}",
    "fallback: {callbacks: {safe: {command: page me}}}",
    "fallback: {callbacks: {safe: {command: []}}}",
    "fallback: {detectors: {heuristic: {}}}",
    "fallback: {detectors: {heuristic: {when: severity > 2, command: [x]}}}",
};

}  // namespace

TEST_CASE("config/rz.schema.json is what rz config schema prints") {
  const std::string made = to_json(json_schema(), 2) + "\n";
  // As the golden files of the command line: the difference is what a change of a field is.
  if (std::getenv("RZ_UPDATE_GOLDEN") != nullptr) {
    testing::write_source("config/rz.schema.json", made);
  } else {
    CHECK_MESSAGE((read_source("config/rz.schema.json") == made),
                  "config/rz.schema.json is out of date; RZ_UPDATE_GOLDEN=1 "
                  "build/bin/config_tests rewrites it");
  }
}

TEST_CASE("the schema has every key and no other") {
  Keys keys;
  Schema().each(
      [&](const std::string& path, const Value&) { keys.insert(testing::without_kinds(path)); });
  CHECK(difference(keys, testing::loader_keys()) == "");
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
  for (const Setting& one : testing::loader_settings()) defaults[one.path] = one.value;
  for (const char* sample : {"health.checks", "health.metrics", "fallback.rules",
                             "fallback.actions", "fallback.audit.maintenance"}) {
    defaults[sample] = Value::array();
  }
  const Schema schema;
  schema.each([&](const std::string& path, const Value& property) {
    INFO(path);
    const Value* stated = schema.default_of(property);
    REQUIRE(defaults.contains(path));
    CHECK(defaults[path].is_null() == (stated == nullptr));
    if (stated) CHECK(to_json(*stated) == to_json(defaults[path]));
  });
}

// The judge is another program's: nothing here says what a JSON schema means.
TEST_CASE("the schema takes what the loader takes and refuses what it can tell is wrong") {
  Value documents = Value::array();
  const auto add = [&](const std::string& text, bool right) {
    auto document = parse_document(text, "rz.yaml");
    REQUIRE_MESSAGE(document.has_value(), text);
    documents.push_back(
        Value::object({{"text", text}, {"document", *std::move(document)}, {"right", right}}));
  };
  const std::string file = read_source("config/rz.yaml");
  add(file, true);
  add(testing::with_examples(file), true);
  for (const std::string& example : testing::manual_examples()) add(example, true);
  for (const char* text : kRight) {
    CHECK_MESSAGE(testing::wrong(text, {{"T", "3s"}}) == "", text);
    add(text, true);
  }
  for (const char* text : kWrong) {
    CHECK_MESSAGE(testing::wrong(text) != "", text);
    add(text, false);
  }
  const testing::Files folder;
  const std::string schema = folder.write("schema.json", to_json(json_schema()));
  const std::string list = folder.write("documents.json", to_json(documents));
  const auto judged =
      run_process({.argv = {test::source_dir() + "/tests/scripts/check_schema", schema, list},
                   .timeout = test::kPatience});
  REQUIRE(judged.has_value());
  CHECK_MESSAGE(judged->exit_code == 0, judged->output << judged->error);
}

TEST_CASE("a field of the schema says all that its declaration says") {
  const Value schema = json_schema();
  const auto field = [&](std::initializer_list<const char*> path) {
    const Value* at = &schema;
    for (const char* key : path) {
      at = at->find("properties")->find(key);
      REQUIRE_MESSAGE(at, key);
    }
    return to_json(*at);
  };
  CHECK(field({"storage", "timeout"}) ==
        R"({"description":"How long one try may take, connecting included. From 1ms to 1d.",)"
        R"("$ref":"#/$defs/duration","default":"5s"})");
  CHECK(
      field({"health", "concurrency"}) ==
      R"({"description":"How many checks run at the same time. Those of the network share a thread, )"
      R"(each other one has its own, and there are at most 64 of these.","type":"integer","minimum":1,)"
      R"("maximum":1024,"default":512})");
  CHECK(
      field({"fallback", "policy", "unknown_components"}) ==
      R"({"description":"With more unknown components than this it cannot be told how the system )"
      R"(is.","oneOf":[{"type":"integer","minimum":0,"maximum":1000000000},{"const":"all"}],)"
      R"("default":"all"})");
  CHECK(field({"fallback", "audit", "max_flaps"}) ==
        R"({"description":"Changes back to a mode that was left within flap_window.",)"
        R"("type":"integer","minimum":0,"maximum":1000000000,"examples":[3]})");
  CHECK(field({"storage", "tls", "ca"}).find(R"("minLength":1,"examples":["ca.pem"])") !=
        std::string::npos);
}

TEST_CASE("by default a check has the name of its type") {
  for_each_field(config_schema(),
                 [](const std::string& path, const std::string& kind, const FieldSchema& field) {
                   if (path == "health.checks[].name") CHECK(field.default_value == Value(kind));
                 });
}

}  // namespace rz::config
