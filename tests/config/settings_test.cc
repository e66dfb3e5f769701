#include "rz/config/settings.h"

#include <doctest/doctest.h>

#include "reading.h"
#include "rz/base/json.h"
#include "rz/base/text.h"

namespace rz::config {
namespace {

using testing::good;

constexpr const char* kRich = R"(
storage: {url: "redis://u:hunter2@host/1", key_prefix: "a: b", timeout: "${T}"}
health:
  checks:
    - {type: http, name: api, url: "https://u:hunter2@api/", tags: [x, "y, z"], severity: {unknown: degraded}}
    - {type: disk, warning: 70.5%, depends_on: [api]}
  metrics: [{type: noop}, {type: statsd}]
conditions: {variables: {x: number, y: string}}
fallback:
  rules: [{name: r, when: "failed_components >= 1", mode: safe}]
  callbacks: {safe: {command: [page, "{to}", "$$5"]}}
  actions: [{name: a, when: x > 1, command: [run]}]
  detectors: {heuristic: {when: x > 2 and y == "z"}}
  audit: {max_flaps: 3}
)";

std::string shown(const std::vector<Setting>& settings, bool origins) {
  return join(render_settings(settings, origins), "\n") + "\n";
}

std::string flat(const std::vector<Setting>& settings) {
  std::string all;
  for (const Setting& one : settings) all += one.path + " = " + to_json(one.value) + "\n";
  return all;
}

}  // namespace

TEST_CASE("what is shown is a configuration that says the same") {
  const Config config = good(kRich, {{"T", "3s"}});
  const std::string text = shown(config.settings, false);
  const auto again = parse_config(text, "rz.yaml", testing::environment_of({{"T", "3s"}}));
  INFO(text);
  REQUIRE_MESSAGE(again.has_value(), to_string(again.error()));
  CHECK(flat(again->settings) == flat(config.settings));
  CHECK(shown(again->settings, false) == text);
  CHECK(again->storage.timeout == Millis{3'000});
  CHECK(again->fallback.callbacks.at(Mode::safe).run.command.back() == "$5");

  const auto with_origins =
      parse_config(shown(config.settings, true), "rz.yaml", testing::environment_of({{"T", "3s"}}));
  REQUIRE(with_origins.has_value());
  CHECK(flat(with_origins->settings) == flat(config.settings));
}

TEST_CASE("passwords in URLs are not shown") {
  const Config config = good(kRich, {{"T", "3s"}});
  CHECK(shown(config.settings, true).find("hunter2") == std::string::npos);
  CHECK(to_json(nest(config.settings)).find("hunter2") == std::string::npos);
}

TEST_CASE("settings are laid out as a file, with their origins") {
  const std::vector<Setting> settings = {
      {"a.b", "5s", "default"},           {"a.c.d", nullptr, "default"},
      {"a.list[0].x", 1, "rz.yaml:3"},    {"a.list[0].y.z", "yes: no", "rz.yaml:4"},
      {"a.list[1].x", "on", "rz.yaml:5"}, {"e", Value::array({"p q", "r"}), "flag --e"}};
  CHECK(shown(settings, false) ==
        "a:\n"
        "  b: 5s\n"
        "  c:\n"
        "    # d:\n"
        "  list:\n"
        "    - x: 1\n"
        "      y:\n"
        "        z: \"yes: no\"\n"
        "    - x: on\n"
        "e: [\"p q\", r]\n");
  CHECK(shown(settings, true) ==
        "a:\n"
        "  b: 5s               # default\n"
        "  c:\n"
        "    # d:              # default\n"
        "  list:\n"
        "    - x: 1            # rz.yaml:3\n"
        "      y:\n"
        "        z: \"yes: no\"  # rz.yaml:4\n"
        "    - x: on           # rz.yaml:5\n"
        "e: [\"p q\", r]         # flag --e\n");
  CHECK(to_json(nest(settings)) ==
        R"({"a":{"b":"5s","c":{"d":null},"list":[{"x":1,"y":{"z":"yes: no"}},{"x":"on"}]},)"
        R"("e":["p q","r"]})");
}

TEST_CASE("the origin of each value is told") {
  const Config config = good("storage: {timeout: 1s}\n");
  CHECK(testing::setting(config, "storage.timeout") == "\"1s\" rz.yaml:1");
  CHECK(testing::setting(config, "storage.deadline") == "\"15s\" default");
  CHECK(testing::setting(config, "fallback.callbacks.safe") == "null default");
}

}  // namespace rz::config
