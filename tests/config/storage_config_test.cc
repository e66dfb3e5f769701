#include <doctest/doctest.h>

#include "reading.h"

namespace rz::config {

using testing::good;
using testing::setting;
using testing::wrong;

TEST_CASE("the storage section fills the storage's options") {
  const StorageOptions options = good(R"(
storage:
  url: rediss://cache:6380/2
  timeout: 1s
  max_retries: 7
  retry_delay: 0
  deadline: 1m30s
  key_prefix: "{rz}:"
  tls: {ca: /ca.pem, cert: /c.pem, key: /k.pem, server_name: redis.internal, verify: false}
)")
                                     .storage;
  CHECK(options.url == "rediss://cache:6380/2");
  CHECK(options.timeout == Millis{1'000});
  CHECK(options.max_retries == 7);
  CHECK(options.retry_delay == Millis{0});
  CHECK(options.deadline == Millis{90'000});
  CHECK(options.key_prefix == "{rz}:");
  CHECK(options.tls.ca == "/ca.pem");
  CHECK(options.tls.cert == "/c.pem");
  CHECK(options.tls.key == "/k.pem");
  CHECK(options.tls.server_name == "redis.internal");
  CHECK(!options.tls.verify);
}

TEST_CASE("the password comes from REDISCLI_AUTH, else from the file") {
  const testing::Files folder;
  const std::string file = folder.write("password", "from file\n");
  const std::string text = "storage: {password_file: " + file + "}";
  const Config from_file = good(text);
  CHECK(from_file.storage.password == "from file");
  CHECK(setting(from_file, "storage.password_file") == "\"" + file + "\" rz.yaml:1");
  const Config from_variable = good(text, {{"REDISCLI_AUTH", "from variable"}});
  CHECK(from_variable.storage.password == "from variable");
  CHECK(setting(from_variable, "storage.password_file") == "null environment REDISCLI_AUTH");
  CHECK(good(text, {{"REDISCLI_AUTH", ""}}).storage.password == "from file");
  CHECK(good("").storage.password == "");
  CHECK(wrong("storage: {password_file: /nowhere/pw}") ==
        "rz.yaml:1:26: storage.password_file: /nowhere/pw: cannot read: No such file or directory");
}

TEST_CASE("sentinels have a user and a password of their own") {
  const testing::Files folder;
  const std::string file = folder.write("password", "of sentinels\n");
  const std::string text =
      "storage: {sentinel_user: watcher, sentinel_password_file: " + file + "}";
  const StorageOptions options = good(text, {{"REDISCLI_AUTH", "of servers"}}).storage;
  CHECK(options.sentinel_user == "watcher");
  CHECK(options.sentinel_password == "of sentinels");
  CHECK(options.password == "of servers");
  CHECK(wrong("storage: {sentinel_password_file: /nowhere/pw}") ==
        "rz.yaml:1:35: storage.sentinel_password_file: /nowhere/pw: cannot read: No such file or "
        "directory");
}

TEST_CASE("relative paths begin at the folder of the configuration") {
  const auto config = parse_config("storage: {url: \"sqlite:rz.db\", tls: {ca: ca.pem}}",
                                   "/etc/rz/rz.yaml", testing::environment_of({}));
  REQUIRE(config.has_value());
  CHECK(config->storage.url == "sqlite:/etc/rz/rz.db");
  CHECK(config->storage.tls.ca == "/etc/rz/ca.pem");
  CHECK(good("storage: {url: \"sqlite:/var/rz.db\"}").storage.url == "sqlite:/var/rz.db");
}

TEST_CASE("a certificate that is not verified is warned of") {
  using Warnings = std::vector<std::string>;
  CHECK(
      good("storage: {tls: {verify: false}}").notices.warnings() ==
      Warnings{"rz.yaml:1:25: storage.tls.verify: is off: anyone on the way to the server can "
               "read and change what is stored; trust the server's authority with tls.ca instead"});
  CHECK(good("storage: {url: \"rediss://h?verify=false\"}").notices.warnings() ==
        Warnings{"rz.yaml:1:16: storage.url: verify=false: the certificate is not verified; trust "
                 "the server's authority with ca=/PATH instead"});
  CHECK(good("storage: {url: \"rediss://h?verify=true\", tls: {verify: true}}")
            .notices.warnings()
            .empty());
}

TEST_CASE("what cannot be is refused, what is odd is warned of") {
  CHECK(wrong("storage: {tls: {cert: c.pem}}") ==
        "rz.yaml:1:23: storage.tls.cert: needs 'key' beside it");
  // Who names an authority means to be protected; without TLS all of it would be ignored.
  for (const char* url : {"redis://h", "redis+sentinel://h/m", "redis+cluster://h"}) {
    for (const char* key : {"ca: /ca.pem", "server_name: h", "cert: /c.pem, key: /k.pem"}) {
      const std::string text = std::string("storage: {url: \"") + url + "\", tls: {" + key + "}}";
      CHECK(wrong(text).find("asks for no TLS; begin it with rediss") != std::string::npos);
    }
  }
  CHECK(wrong("storage: {tls: {key: k.pem}}") ==
        "rz.yaml:1:22: storage.tls.key: needs 'cert' beside it");
  CHECK(wrong("storage: {url: \"\"}") ==
        "rz.yaml:1:16: storage.url: is empty; fill it or remove the "
        "key");
  CHECK(wrong("storage: {url: \"mysql://x\"}").starts_with("rz.yaml:1:16: storage.url: "));
  CHECK(
      good("storage: {timeout: 20s}").notices.warnings() ==
      std::vector<std::string>{"rz.yaml:1:20: storage.timeout: is longer than the deadline, which "
                               "ends every operation first"});
  CHECK(good("storage: {timeout: 20s, deadline: 1m}").notices.warnings().empty());
}

}  // namespace rz::config
