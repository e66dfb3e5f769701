#include "rz/discovery/written_config.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "rz/config/config.h"
#include "support/temp_folder.h"

namespace rz::discovery {
namespace {

FoundPort port(std::uint16_t number, std::string process, PortLook look = {},
               std::string host = "127.0.0.1") {
  return {{number, std::move(host), std::move(process)}, look};
}

Findings everything() {
  return {
      .hostname = "web-1",
      .mounts = {"/", "/data", "/srv/with blank", "/mnt/a\"b$c", "/mnt/\x1b[2J"},
      .units = {"nginx.service", "app@1.service", "nginx.service"},
      .ports = {port(22, "sshd"), port(80, "nginx", {Service::http, 301}),
                port(443, "nginx", {Service::http, 400}), port(3306, "mariadbd", {Service::mysql}),
                port(5432, "postgres", {Service::postgres}),
                port(6379, "redis-server", {Service::redis}),
                port(6380, "redis-server", {Service::redis_with_password}),
                port(9000, "x\n- type: command\x1b", {}, "::1"),
                port(8080, "", {Service::http, 503})},
      .short_lived_ports = 2};
}

/// The checks of a configuration, which must load.
std::vector<CheckSpec> checks_in(const std::string& text) {
  const TempFolder folder;
  std::ofstream(folder / "rz.yaml") << text;
  const auto config = config::load_config(folder / "rz.yaml");
  REQUIRE_MESSAGE(config.has_value(), (to_string(config.error()) + "\n" + text));
  CHECK(config->notices.warnings().empty());
  return config->health.checks;
}

// As a person would who follows the suggestions.
std::string with_suggestions(const std::string& text) {
  std::string taken;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    std::string line = text.substr(begin, end - begin);
    const bool suggested = line.starts_with("    # - ") || line.starts_with("    #   ");
    if (suggested) line.erase(4, 2);
    if (line.find("password_file") == std::string::npos) taken += line + "\n";
    begin = end + 1;
  }
  return taken;
}

}  // namespace

TEST_CASE("all that was found is checked, and loads as it is") {
  const auto checks = checks_in(written_config(everything()));
  std::vector<std::string> names;
  for (const CheckSpec& check : checks) {
    names.push_back(std::string(check.type()) + " " + check.options().name);
  }
  CHECK(names == std::vector<std::string>{"memory memory", "disk disk", "systemd nginx",
                                          "systemd app@1", "systemd nginx-2", "tcp port-22",
                                          "http http-80", "tcp http-443", "tcp mysql-3306",
                                          "tcp postgres-5432", "redis redis-6379", "tcp redis-6380",
                                          "tcp port-9000", "tcp http-8080"});
}

TEST_CASE("its suggestions load, too, where they are taken") {
  const std::string text = with_suggestions(written_config(everything()));
  CHECK(checks_in(text).size() == 14 + 3);
}

TEST_CASE("nothing but the machine is enough") {
  const std::string text = written_config({});
  CHECK(checks_in(text).size() == 2);
  CHECK(text.starts_with("# Checks for what was found, by 'rz health init'."));
}

TEST_CASE("names from outside end no line and reach no terminal raw") {
  const std::string text = written_config(everything());
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\n- type: command") == std::string::npos);
  CHECK(text.find("of the program x\\n- type: command\\x1b.") != std::string::npos);
  CHECK(text.find("/mnt/a\\\"b$$c") != std::string::npos);
}

}  // namespace rz::discovery
