#include "rz/config/map_reader.h"

#include <doctest/doctest.h>

#include "reading.h"

namespace rz::config {

using testing::wrong;

// One mistake each, as people make them; the way out stands in the message.
TEST_CASE("a wrong value is told with its place, what was expected, and a way out") {
  struct Row {
    const char* text;
    const char* error;
  };
  const Row rows[] = {
      {"storage: {timeout: 5}",
       "1:20: storage.timeout: 5 has no unit; write it like 500ms, 5s or "
       "1h30m"},
      {"storage: {timeout: 5.5}",
       "1:20: storage.timeout: 5.5 has no unit; write it like 500ms, 5s or 1h30m"},
      {"storage: {timeout: 5x}",
       "1:20: storage.timeout: '5x' is not a duration: 'x' is not a unit (us ms "
       "s m h d w); write it like 500ms, 5s, 30m, 24h or 7d"},
      {"storage: {timeout: 0}", "1:20: storage.timeout: 0 is not from 1ms to 1d"},
      {"storage: {timeout: 25h}", "1:20: storage.timeout: 25h is not from 1ms to 1d"},
      {"storage: {timeout: 1500us}", "1:20: storage.timeout: 1500us is finer than a millisecond"},
      {"storage: {timeout: true}",
       "1:20: storage.timeout: expected a duration like 500ms, 5s or "
       "1h30m, got true"},
      {"storage: {timeout: [5s]}",
       "1:20: storage.timeout: expected a duration like 500ms, 5s or 1h30m, got a list"},
      {"storage: {timeout: }", "1:20: storage.timeout: has no value; give one or remove the key"},
      {"storage:\n  timeout:\n  deadline: 5s\n",
       "2:3: storage.timeout: has no value; give one or remove the key"},
      {"storage: {max_retries: \"3\"}",
       "1:24: storage.max_retries: expected an integer, got the text '3'; remove the quotes"},
      {"storage: {max_retries: three}",
       "1:24: storage.max_retries: expected an integer, got the text 'three'"},
      {"storage: {max_retries: 3.0}", "1:24: storage.max_retries: expected an integer, got 3.0"},
      {"storage: {max_retries: -1}", "1:24: storage.max_retries: -1 is not from 0 to 100"},
      {"storage: {max_retries: 9999999999999999999}",
       "1:24: storage.max_retries: expected an integer, got 9999999999999999999"},
      {"storage: {tls: {verify: yes}}",
       "1:25: storage.tls.verify: expected true or false, got the text 'yes'; write true"},
      {"storage: {tls: {verify: off}}",
       "1:25: storage.tls.verify: expected true or false, got the text 'off'; write false"},
      {"storage: {tls: {verify: \"true\"}}",
       "1:25: storage.tls.verify: expected true or false, got the text 'true'; write true"},
      {"storage: {tls: {verify: 1}}", "1:25: storage.tls.verify: expected true or false, got 1"},
      {"storage: {tls: no}",
       "1:16: storage.tls: expected a mapping (key: value), got the text 'no'"},
      {"storage: {key_prefix: 12}",
       "1:23: storage.key_prefix: expected a text, got 12; write \"12\""},
      {"storage: {key_prefix: {a: 1}}", "1:23: storage.key_prefix: expected a text, got a mapping"},
      {"storage: {key_prefix: \"a\\0b\"}",
       "1:23: storage.key_prefix: a text cannot hold a NUL byte"},
      {"storage: {password_file: \"\"}",
       "1:26: storage.password_file: is empty; fill it or remove the key"},
      {"storage: [url]", "1:10: storage: expected a mapping (key: value), got a list"},
      {"- storage", "1:1: expected a mapping (key: value), got a list"},
      {"storage", "1:1: expected a mapping (key: value), got the text 'storage'"},
      {"storrage: {}", "1:1: unknown key 'storrage'; did you mean 'storage'?"},
      {"storage: {timeuot: 5s}", "1:11: unknown key 'timeuot' in storage; did you mean 'timeout'?"},
      {"storage: {colour: red}", "1:11: unknown key 'colour' in storage"},
      {"storage: {<<: {url: x}}", "1:11: unknown key '<<' in storage"},
      {"storage: {\"a\\x1b[31m\": 1}", "1:11: unknown key 'a\\x1b[31m' in storage"},
      {"health: {checks: disk}", "1:18: health.checks: expected a list ([…]), got the text 'disk'"},
      {"health: {checks: [disk]}",
       "1:19: health.checks: expected a mapping (key: value), got the text 'disk'"},
      {"health: {checks: [~]}",
       "1:19: health.checks: expected a mapping (key: value), got nothing"},
      {"health: {checks: [{type: disk, warning: 80}]}",
       "1:41: health.checks[0].warning: expected a percentage like 90%, got 80; write 80%"},
      {"health: {checks: [{type: disk, critical: 120%}]}",
       "1:42: health.checks[0].critical: '120%' is not a percentage from 0% to 100%"},
      {"health: {metrics: [{type: logging, level: warn}]}",
       "1:43: health.metrics[0].level: expected debug, info, warning or error, got the text "
       "'warn'"},
      {"health: {metrics: [{type: logging, level: inof}]}",
       "1:43: health.metrics[0].level: expected debug, info, warning or error, got the text "
       "'inof'; "
       "did you mean 'info'?"},
      {"health: {checks: [{type: disk, tags: fast}]}",
       "1:38: health.checks[0].tags: expected a list ([…]), got the text 'fast'"},
      {"health: {checks: [{type: disk, tags: [a, 1, ~]}]}",
       "1:42: health.checks[0].tags[1]: expected a text, got 1; write \"1\"\n"
       "rz.yaml:1:45: health.checks[0].tags[2]: expected a text, got nothing"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(wrong(row.text) == std::string("rz.yaml:") + row.error);
  }
}

TEST_CASE("the lists and mappings of which everything is commented out are empty") {
  CHECK(wrong("storage:\nhealth:\n  checks:\n  breaker:\n  metrics:\nfallback:\n  callbacks:\n") ==
        "");
}

TEST_CASE("commands are lists; numbers stand for their texts") {
  const auto callback = [](const std::string& command) {
    return "fallback: {callbacks: {safe: {command: " + command + "}}}";
  };
  const Config config = testing::good(callback("[sleep, 0x10, 1.50, \"-x\"]"));
  CHECK(config.fallback.callbacks.at(Mode::safe).run.command ==
        std::vector<std::string>{"sleep", "0x10", "1.50", "-x"});
  CHECK(wrong(callback("page me")) ==
        "rz.yaml:1:40: fallback.callbacks.safe.command: expected a list of the program and its "
        "arguments, got the text 'page me'; no shell takes it apart");
  CHECK(wrong(callback("[]")) ==
        "rz.yaml:1:40: fallback.callbacks.safe.command: is empty; name a program");
  CHECK(wrong(callback("[\"\", x]")) ==
        "rz.yaml:1:40: fallback.callbacks.safe.command: is empty; name a program");
  CHECK(wrong(callback("")) ==
        "rz.yaml:1:40: fallback.callbacks.safe.command: has no value; give one or remove the key");
  CHECK(wrong(callback("[x, true]")) ==
        "rz.yaml:1:44: fallback.callbacks.safe.command[1]: expected a text, got true; write "
        "\"true\"");
}

TEST_CASE("what was filled in is in no message") {
  const testing::Variables variables = {{"S", "hunter2"}};
  const char* rows[] = {
      "storage: {url: \"${S}\"}",
      "storage: {timeout: \"${S}\"}",
      "storage: {password_file: \"${S}\"}",
      "health: {checks: [{type: http, url: \"${S}\"}]}",
      "health: {checks: [{type: redis, url: \"${S}\"}]}",
      "health: {metrics: [{type: statsd, address: \"${S}\"}]}",
  };
  for (const char* text : rows) {
    INFO(text);
    const std::string error = wrong(text, variables);
    CHECK(error != "");
    CHECK(error.find("hunter2") == std::string::npos);
  }
}

}  // namespace rz::config
