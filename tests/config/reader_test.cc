#include "rz/config/reader.h"

#include <doctest/doctest.h>

#include "reading.h"

namespace rz::config {

TEST_CASE("the place of a condition's error is that in the file, where it can be told") {
  struct Row {
    const char* name;
    std::string when;
    const char* place;
  };
  const Row rows[] = {
      {"plain", " total_components > nope\n", "3:32"},
      {"quoted", " \"total_components > nope\"\n", "3:33"},
      {"single quotes", " 'total_components > nope'\n", "3:33"},
      {"literal", " |\n        total_components > 1 and\n          nope > 2\n", "5:11"},
      {"indented literal", " |2\n          total_components > nope\n", "4:30"},
      {"folded, one line", " >-\n        total_components > nope\n", "4:28"},
      {"folded, two lines", " >-\n        total_components > 1\n        and nope > 2\n", "3:13"},
      {"with escapes", " \"total_components\\x20> nope\"\n", "3:13"},
      {"plain, two lines", " total_components > 1\n        and nope > 2\n", "3:13"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string error =
        testing::wrong("fallback:\n  rules:\n    - when:" + row.when + "      name: r\n");
    CHECK(error.substr(0, error.find(": ")) == std::string("rz.yaml:") + row.place);
    CHECK(error.find("fallback.rules[0].when: unknown variable 'nope'") != std::string::npos);
  }
}

TEST_CASE("every error is told in one pass, in order of place, with the condition's caret") {
  const std::string text =
      "fallback:\n"
      "  rules:\n"
      "    - {name: slow, when: \"failed_componets >= 1\", mode: worse}\n"
      "  retention: ${UNSET}\n"
      "storage: {url: 5, url: 6, nope: 1}\n"
      "conditions:\n"
      "  variables: {and: number, x: txt}\n";
  CHECK(
      testing::wrong(text) ==
      "rz.yaml:3:27: fallback.rules[0].when: unknown variable 'failed_componets'; did you mean "
      "'failed_components'?\n"
      "  failed_componets >= 1\n"
      "  ^~~~~~~~~~~~~~~~\n"
      "rz.yaml:3:57: fallback.rules[0].mode: expected heuristic or safe, got the text 'worse'\n"
      "rz.yaml:4:14: fallback.retention: the environment variable 'UNSET' is not set\n"
      "rz.yaml:5:16: storage.url: expected a text, got 5; write \"5\"\n"
      "rz.yaml:5:19: the key 'url' is given twice; keep one\n"
      "rz.yaml:5:27: unknown key 'nope' in storage\n"
      "rz.yaml:7:15: conditions.variables: 'and' is a reserved word of conditions\n"
      "rz.yaml:7:31: conditions.variables.x: expected number, integer, string or boolean, got the "
      "text 'txt'");
}

TEST_CASE("all errors of one condition are told") {
  CHECK(testing::wrong("fallback:\n  actions:\n"
                       "    - {name: a, when: \"sevrity > 1 and stp > 2\", command: [x]}\n") ==
        "rz.yaml:3:24: fallback.actions[0].when: unknown variable 'sevrity'; did you mean "
        "'severity'?\n"
        "  sevrity > 1 and stp > 2\n"
        "  ^~~~~~~\n"
        "rz.yaml:3:40: fallback.actions[0].when: unknown variable 'stp'; did you mean 'step'?\n"
        "  sevrity > 1 and stp > 2\n"
        "                  ^~~");
}

TEST_CASE("a file of nothing but errors tells a hundred of them") {
  std::string text;
  for (int i = 0; i < 1200; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const std::string error = testing::wrong(text);
  CHECK(error.ends_with("rz.yaml:100:1: unknown key 'key99'\n… and 1100 more"));
}

}  // namespace rz::config
