#include "rz/discovery/written_config.h"

#include <set>
#include <string_view>
#include <vector>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/base/value.h"

namespace rz::discovery {
namespace {

constexpr std::size_t kMaxCommentName = 60;

// A double-quoted text of JSON is one of YAML, too. A `$` would begin something to be filled in.
std::string yaml_quoted(std::string_view text) {
  std::string doubled;
  for (const char c : text) doubled.append(c == '$' ? 2 : 1, c);
  return to_json(Value(std::move(doubled)));
}

std::string in_comment(std::string_view text) {
  return ellipsize(printable(text), kMaxCommentName);
}

std::string address_of(const ListeningPort& port) {
  const bool v6 = port.host.find(':') != std::string::npos;
  return (v6 ? "[" + port.host + "]" : port.host) + ":" + std::to_string(port.port);
}

/// The entries of `health.checks`.
class ConfigText {
 public:
  void line(std::string_view text) {
    text_.append(text.empty() ? "" : "    ").append(text).append("\n");
  }
  void comment(std::string_view text) { line("# " + std::string(text)); }

  /// A check whose name is `wanted`, or that and a number.
  void check(std::string_view type, const std::string& wanted) {
    std::string name = wanted;
    for (int number = 2; !names_.insert(name).second; ++number) {
      name = wanted + "-" + std::to_string(number);
    }
    line("- type: " + std::string(type));
    line("  name: " + yaml_quoted(name));
  }

  void key(std::string_view key, std::string_view value) {
    line("  " + std::string(key) + ": " + yaml_quoted(value));
  }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::set<std::string> names_;
};

void write_machine(const Findings& found, ConfigText& text) {
  text.comment("The machine itself: memory that is left, and space on what is mounted.");
  text.check("memory", "memory");
  std::vector<std::string> mounts;
  for (const std::string& mount : found.mounts) {
    if (mount != "/" && printable(mount) == mount) mounts.push_back(mount);
  }
  text.check("disk", "disk");
  text.line("  path: /");
  if (!mounts.empty()) {
    text.line("  paths:");
    for (const std::string& mount : mounts) text.line("    - " + yaml_quoted(mount));
  }
}

void write_units(const Findings& found, ConfigText& text) {
  if (found.units.empty()) return;
  text.line("");
  text.comment("Services that systemd runs, or that have failed. Remove those that nobody misses.");
  for (const std::string& unit : found.units) {
    if (printable(unit) != unit) continue;
    text.check("systemd", unit.substr(0, unit.rfind('.')));
    text.key("unit", unit);
  }
}

void suggest_sql(const std::string& type, const std::string& url, ConfigText& text) {
  text.comment("With a user that may log in it can be asked for its role and its lag:");
  text.comment("- type: " + type);
  text.comment("  name: " + type + "-login");
  text.comment("  url: " + yaml_quoted(url));
  text.comment("  password_file: /etc/rz/" + type + ".password");
}

void write_tcp(const std::string& name, const ListeningPort& port, ConfigText& text) {
  text.check("tcp", name);
  text.key("address", address_of(port));
}

void write_redis(const FoundPort& found, ConfigText& text) {
  const std::string number = std::to_string(found.port.port);
  text.comment("It answered PING of Redis" + std::string(found.look.service == Service::redis
                                                             ? "."
                                                             : " by asking for a password."));
  if (found.look.service == Service::redis) {
    text.check("redis", "redis-" + number);
    return text.key("url", "redis://" + address_of(found.port));
  }
  write_tcp("redis-" + number, found.port, text);
  text.comment("With the password it can be asked more:");
  text.comment("- type: redis");
  text.comment("  name: redis-login");
  text.comment("  url: " + yaml_quoted("redis://" + address_of(found.port)));
  text.comment("  password_file: /etc/rz/redis.password");
}

void write_http(const FoundPort& found, ConfigText& text) {
  const int status = found.look.http_status;
  const std::string name = "http-" + std::to_string(found.port.port);
  text.comment("It answered GET / with " + std::to_string(status) +
               "; a path that asks for the service's own health would tell more.");
  // Many answer clear text on a port of TLS by 400. A server that is broken now must not be taken
  // for one that should be.
  if (status == 400 || status >= 500) return write_tcp(name, found.port, text);
  text.check("http", name);
  text.key("url", "http://" + address_of(found.port) + "/");
  text.line("  expected_status: " + std::to_string(status));
}

void write_port(const FoundPort& found, ConfigText& text) {
  const std::string number = std::to_string(found.port.port);
  const std::string& process = found.port.process;
  text.line("");
  text.comment("Port " + number +
               (process.empty()
                    ? " accepts connections."
                    : " accepts connections, of the program " + in_comment(process) + "."));
  switch (found.look.service) {
    case Service::redis:
    case Service::redis_with_password: return write_redis(found, text);
    case Service::http: return write_http(found, text);
    case Service::postgres:
      text.comment("It speaks PostgreSQL.");
      write_tcp("postgres-" + number, found.port, text);
      return suggest_sql("postgres", "postgresql://rz@" + address_of(found.port) + "/postgres",
                         text);
    case Service::mysql:
      text.comment("It speaks MySQL.");
      write_tcp("mysql-" + number, found.port, text);
      return suggest_sql("mysql", "mysql://rz@" + address_of(found.port), text);
    case Service::unknown: break;
  }
  write_tcp("port-" + number, found.port, text);
}

}  // namespace

std::string written_config(const Findings& found) {
  ConfigText text;
  write_machine(found, text);
  write_units(found, text);
  for (const FoundPort& port : found.ports) write_port(port, text);
  std::string config =
      "# Checks for what was found" +
      (found.hostname.empty() ? std::string() : " on " + in_comment(found.hostname)) +
      ", by 'rz health init'. Read them, and remove what nobody\n"
      "# would get up for. 'rz config check FILE' reads this file, 'rz health --config FILE' runs "
      "it;\n"
      "# rz.yaml(5) has all keys.\n"
      "health:\n"
      "  checks:\n" +
      text.text();
  if (found.short_lived_ports > 0) {
    config += "\n    # Left out: ports that the system gave to programs that took any, " +
              std::to_string(found.short_lived_ports) + " now; they change with each start.\n";
  }
  return config;
}

}  // namespace rz::discovery
