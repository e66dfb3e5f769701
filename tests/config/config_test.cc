#include "rz/config/config.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "reading.h"

namespace rz::config {

using testing::environment_of;
using testing::good;
using testing::wrong;

TEST_CASE("nothing is a valid configuration") {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "{}", "~", "\xEF\xBB\xBF"}) {
    INFO(text);
    CHECK(wrong(text) == "");
  }
  CHECK(good("").storage.timeout == StorageOptions{}.timeout);
  const auto config = load_config("", environment_of({}));
  REQUIRE(config.has_value());
  CHECK(config->path == "");
  CHECK(config->notices.warnings().empty());
}

TEST_CASE("a file is read with BOM and CRLF, and as JSON") {
  CHECK(good("\xEF\xBB\xBFstorage:\r\n  timeout: 1s\r\n").storage.timeout == Millis{1'000});
  CHECK(good(R"({"storage": {"timeout": "1s", "max_retries": 1}})").storage.max_retries == 1);
  CHECK(wrong("\xEF\xBB\xBFnope: 1\r\n") == "rz.yaml:1:1: unknown key 'nope'");
}

TEST_CASE("a text that is not YAML is one error, and nothing is guessed of its rest") {
  CHECK(wrong("storage:\n  url: [\nnope: 1\n") ==
        "rz.yaml:4:1: expected ',' or ']'; the list of line 2 is not closed");
  CHECK(wrong("storage: {}\n---\nhealth: {}\n") ==
        "rz.yaml:2:1: a second document begins here; one is read");
  CHECK(wrong("storage:\n\ttimeout: 5s\n") ==
        "rz.yaml:2:9: a tab in the indentation; YAML wants spaces");
  CHECK(wrong(std::string("storage: \0", 10)).starts_with("rz.yaml:1:10: the control character"));
  CHECK(wrong("storage: \xC3\x28") ==
        "rz.yaml:1:10: the byte \\xc3 is not UTF-8; save the text as UTF-8");
  CHECK(wrong("storage: *x\n") == "rz.yaml:1:10: aliases are not read here; write the value out");
  CHECK(wrong("health: {checks: &c [], metrics: *c}\n") ==
        "rz.yaml:1:34: aliases are not read here; write the value out");
}

TEST_CASE("load_config reads a file") {
  const testing::Files folder;
  const std::string path = folder.write("rz.yaml", "storage: {url: \"sqlite:here.db\"}\n");
  const auto config = load_config(path, environment_of({}));
  REQUIRE(config.has_value());
  CHECK(config->path == path);
  CHECK(config->storage.url == "sqlite:" + folder.path() + "/here.db");
  CHECK(testing::setting(*config, "storage.url") == "\"sqlite:here.db\" " + path + ":1");
}

TEST_CASE("a file that cannot be read, or is none, is told") {
  const testing::Files folder;
  const auto error = [](const std::string& path) {
    const auto config = load_config(path, environment_of({}));
    REQUIRE(!config.has_value());
    CHECK(config.error().code == ErrorCode::config);
    return to_string(config.error());
  };
  CHECK(error("/nowhere/rz.yaml") == "/nowhere/rz.yaml: cannot read: No such file or directory");
  CHECK(error(folder.path()) == folder.path() + ": cannot read: Is a directory");
  const std::string large = folder.write("large", std::string(100'000'000, 'x'));
  CHECK(error(large) == large + ": is larger than 1.0 MiB");
}

TEST_CASE("check_config gives each error its own place") {
  const testing::Files folder;
  const std::string path = folder.write("rz.yaml", "b: 1\na: 1\n");
  const CheckedConfig checked = check_config(path, environment_of({}));
  REQUIRE(checked.errors.size() == 2);
  CHECK(checked.errors[0] == Error{ErrorCode::config, "unknown key 'b'", path + ":1:1"});
  CHECK(checked.errors[1] == Error{ErrorCode::config, "unknown key 'a'", path + ":2:1"});
}

TEST_CASE("texts are filled in from the environment and from files") {
  const testing::Files folder;
  const std::string file = folder.write("pw", "s3cret\n");
  const Config config = good("storage:\n  key_prefix: a${X}$$${file:" + file +
                                 "}\n"
                                 "  timeout: ${T}\n"
                                 "fallback: {callbacks: {safe: {command: [\"${X}\", '$$x']}}}\n",
                             {{"X", "env"}, {"T", "7s"}});
  CHECK(config.storage.key_prefix == "aenv$s3cret");
  CHECK(config.storage.timeout == Millis{7'000});
  CHECK(config.fallback.callbacks.at(Mode::safe).run.command ==
        std::vector<std::string>{"env", "$x"});
  for (const Setting& one : config.settings) {
    INFO(one.path);
    CHECK(testing::setting(config, one.path).find("s3cret") == std::string::npos);
  }
  CHECK(testing::setting(config, "storage.timeout") == "\"${T}\" rz.yaml:3");
  CHECK(wrong("storage: {key_prefix: \"${NOPE}\", timeout: \"${NOPE}\"}") ==
        "rz.yaml:1:23: storage.key_prefix: the environment variable 'NOPE' is not set\n"
        "rz.yaml:1:43: storage.timeout: the environment variable 'NOPE' is not set");
}

TEST_CASE("any text is read or refused with a place") {
  CHECK(rc::check("random bytes", [](const std::string& text) {
    const auto config = parse_config(text, "f", environment_of({}));
    if (!config) RC_ASSERT(config.error().where.starts_with("f:"));
  }));
  CHECK(rc::check("random keys and values", [] {
    static const std::vector<std::string> kPieces = {"storage:",
                                                     "health:",
                                                     "fallback:",
                                                     "conditions:",
                                                     "checks:",
                                                     "rules:",
                                                     "type: http",
                                                     "- ",
                                                     "\n",
                                                     "\n  ",
                                                     "\n    ",
                                                     "url: ",
                                                     "redis://x",
                                                     "timeout: ",
                                                     "5s",
                                                     "5",
                                                     "[",
                                                     "]",
                                                     "{",
                                                     "}",
                                                     ", ",
                                                     "name: a",
                                                     "when: ",
                                                     "severity > 1",
                                                     "\"",
                                                     "${X}",
                                                     "$",
                                                     "variables: ",
                                                     "x: number",
                                                     "~",
                                                     "*a",
                                                     "&a ",
                                                     "depends_on: [a]",
                                                     "callbacks: ",
                                                     "safe: ",
                                                     "command: ",
                                                     "true",
                                                     "80%",
                                                     "timeout: 5.0",
                                                     "redis_url: x\n",
                                                     "metrics: ",
                                                     "detectors: ",
                                                     "severity: {unknown: degraded}"};
    const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces));
    std::string text;
    for (const std::string& piece : pieces) text += piece;
    const auto config = parse_config(text, "f", environment_of({{"X", "x"}}));
    if (!config) RC_ASSERT(config.error().where.starts_with("f:"));
  }));
}

}  // namespace rz::config
