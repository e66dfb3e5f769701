// The monitors that run `rz health --format nagios` as their plugin: a Nagios core and an Icinga 2,
// each with a configuration of its own, as a plain process. What counts is what they understood.

#include <doctest/doctest.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "support/bare_home.h"
#include "support/paths.h"
#include "support/results.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

/// What a monitor keeps of a service.
struct Understood {
  std::string state;
  std::string text;
  std::string long_text;
  std::string perfdata;
};

using Services = std::map<std::string, Understood>;

// Each service runs the checks with its tag. No check has the tag `broken`, which is wrong usage.
const std::vector<std::string> kServices = {"fine",    "slow",   "down", "unsure",
                                            "hostile", "broken", "all"};

// The old key makes rz warn: Nagios ignores that, Icinga reads it behind the answer. What a check
// prints on standard error is quoted whole, with its `|`.
constexpr std::string_view kChecks = R"yaml(
max_retries: 0
storage: {url: "sqlite:rz.db"}
health:
  checks:
    - {type: command, name: fine, tags: [fine, all], command: [/bin/echo, all well]}
    - {type: command, name: slow, tags: [slow, all], command: [/bin/sh, -c, "echo \"late | 'a''b'=1.5s;2;3;0;9 used=3%\"; exit 1"]}
    - {type: command, name: down, tags: [down, all], command: [/bin/sh, -c, "echo no answer; exit 2"]}
    - {type: command, name: unsure, tags: [unsure, all], command: [/bin/sh, -c, "echo cannot tell; exit 3"]}
    - {type: command, name: "::x|'=\"<b>", tags: [hostile, all], command: [/bin/sh, -c, "printf 'a|b=1 \"q\" <script> $$HOSTNAME$$ \\\\n\\033[2J\\nOK - fine' >&2; exit 2"]}
)yaml";

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder with a configuration of rz, in which a monitor has its files.
struct MonitorFolder : TempFolder {
  MonitorFolder() { write("rz.yaml", replaced(kChecks, "sqlite:", "sqlite:" + path() + "/")); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(*this / name) << text;
  }

  static std::string replaced(std::string_view text, std::string_view from, const std::string& to) {
    std::string result(text);
    for (std::size_t at = 0; (at = result.find(from, at)) != std::string::npos; at += to.size()) {
      result.replace(at, from.size(), to);
    }
    return result;
  }

  /// `text` with the folder for `@`, and the program for `%RZ`.
  std::string filled(std::string_view text) const {
    return replaced(replaced(text, "@", path()), "%RZ", test::build_dir() + "/bin/rz");
  }
};

std::string user_name() { return ::getpwuid(::geteuid())->pw_name; }
std::string group_name() { return ::getgrgid(::getegid())->gr_name; }

void check_states(const Services& found) {
  CHECK(found.at("fine").state == "0");
  CHECK(found.at("fine").text == "RZ OK - 1 healthy");
  CHECK(found.at("fine").long_text.starts_with("[OK] fine: all well"));
  CHECK(found.at("slow").state == "1");
  CHECK(found.at("slow").text == "RZ WARNING - slow: late");
  CHECK(found.at("slow").long_text.starts_with("[WARNING] slow: late"));
  CHECK(found.at("down").state == "2");
  CHECK(found.at("down").text == "RZ CRITICAL - down: no answer");
  CHECK(found.at("unsure").state == "3");
  CHECK(found.at("unsure").text == "RZ UNKNOWN - unsure: cannot tell");
  CHECK(found.at("broken").state == "3");
  CHECK(found.at("broken").text.starts_with("RZ UNKNOWN - "));
  CHECK(found.at("broken").text.find("'broken'") != std::string::npos);
  CHECK(found.at("broken").perfdata == "\n");
}

void check_hostile(const Services& found) {
  const Understood& hostile = found.at("hostile");
  const std::string said = "::x\u00A6'=\"<b>: a\u00A6b=1 \"q\" <script> $HOSTNAME$ \\n\\x1b[2J";
  CHECK(hostile.state == "2");
  CHECK(hostile.text == "RZ CRITICAL - " + said);
  CHECK(hostile.long_text.starts_with("[CRITICAL] " + said));
  CHECK(hostile.perfdata.find("\n':_x_''_\"<b> exit_code'=2") != std::string::npos);
}

void check_all(const Services& found) {
  const Understood& all = found.at("all");
  CHECK(all.state == "2");
  CHECK(all.text.starts_with("RZ CRITICAL - "));
  CHECK(all.text.ends_with(" (and 3 more)"));
  CHECK(all.long_text.find("\n[OK] fine: all well") != std::string::npos);
  // However long it took.
  CHECK(std::regex_search(all.perfdata, std::regex("\n'down latency'=[0-9.]+s(;|\n|$)")));
  for (const char* item :
       {"'unhealthy'=2", "'degraded'=1", "'unknown'=1", "'slow a''b'=1.5s;2;3;0;9",
        "'slow used'=3%", "'fine exit_code'=0", "'down exit_code'=2"}) {
    CAPTURE(item);
    CHECK((all.perfdata + "\n").find("\n" + std::string(item) + "\n") != std::string::npos);
  }
}

// ---- Nagios -------------------------------------------------------------------------------------

constexpr std::string_view kNagios = R"(
cfg_file=@/objects.cfg
log_file=@/nagios.log
object_cache_file=@/objects.cache
precached_object_file=@/objects.precache
status_file=@/status.dat
status_update_interval=1
lock_file=@/nagios.lock
command_file=@/nagios.cmd
temp_file=@/nagios.tmp
temp_path=@
check_result_path=@/results
log_archive_path=@
query_socket=@/nagios.qh
retain_state_information=0
check_external_commands=0
enable_notifications=0
check_for_updates=0
use_syslog=0
check_workers=1
interval_length=1
service_inter_check_delay_method=n
service_check_timeout=7200
)";

constexpr std::string_view kNagiosObjects = R"(
define command {
  command_name rz
  command_line %RZ health --config @/rz.yaml --format nagios --only $ARG1$
}
define timeperiod {
  timeperiod_name always
  alias always
}
define contact {
  contact_name nobody
  service_notification_period always
  host_notification_period always
  service_notification_commands rz
  host_notification_commands rz
}
define host {
  host_name here
  address 127.0.0.1
  max_check_attempts 1
  active_checks_enabled 0
  contacts nobody
}
)";

std::string nagios_service(const std::string& name) {
  return "define service {\n  host_name here\n  service_description " + name +
         "\n  check_command rz!" + name +
         "\n  max_check_attempts 1\n  check_interval 36000\n  contacts nobody\n}\n";
}

/// An item in each line.
std::string items_of(std::string_view perfdata) {
  std::string items;
  bool quoted = false;
  for (const char c : perfdata) {
    if (c == '\'') quoted = !quoted;
    items += c == ' ' && !quoted ? '\n' : c;
  }
  return items;
}

/// The checked services of a status.dat, a block of `key=value` each.
Services nagios_services(const std::string& status) {
  Services found;
  for (std::size_t at = 0; (at = status.find("\nservicestatus {\n", at)) != std::string::npos;) {
    const std::size_t end = status.find("\n\t}\n", at);
    std::map<std::string, std::string, std::less<>> keys;
    for (const std::string_view line : split(std::string_view(status).substr(at, end - at), '\n')) {
      const std::size_t equals = line.find('=');
      if (equals != line.npos) keys.emplace(trim(line.substr(0, equals)), line.substr(equals + 1));
    }
    at = end;
    if (keys["has_been_checked"] != "1") continue;
    found[keys["service_description"]] = {
        keys["current_state"], keys["plugin_output"],
        // It keeps a line break as `\n`, and a backslash as two.
        MonitorFolder::replaced(
            MonitorFolder::replaced(
                MonitorFolder::replaced(keys["long_plugin_output"], "\\\\", "\1"), "\\n", "\n"),
            "\1", "\\"),
        "\n" + items_of(keys["performance_data"])};
  }
  return found;
}

TEST_CASE("Nagios understands states, texts, further lines and perfdata") {
  const MonitorFolder folder;
  std::filesystem::create_directory(folder / "results");
  folder.write("nagios.cfg", folder.filled(kNagios) + "nagios_user=" + user_name() +
                                 "\nnagios_group=" + group_name() + "\n");
  std::string objects = folder.filled(kNagiosObjects);
  for (const std::string& name : kServices) objects += nagios_service(name);
  folder.write("objects.cfg", objects);

  test::ServerProcess nagios({"/usr/sbin/nagios4", folder / "nagios.cfg"}, folder / "log");
  Services found;
  nagios.wait_until([&] {
    found = nagios_services(content_of(folder / "status.dat"));
    return found.size() == kServices.size();
  });
  nagios.stop();
  check_states(found);
  check_hostile(found);
  check_all(found);
}

// ---- Icinga 2 -----------------------------------------------------------------------------------

constexpr std::string_view kIcinga = R"(
include <itl>
const NodeName = "here"
object CheckerComponent "checker" {}
object PerfdataWriter "checked" {
  service_perfdata_path = "@/checked/service"
  service_temp_path = "@/checked/new"
  host_perfdata_path = "@/checked/host"
  host_temp_path = "@/checked/host-new"
  service_format_template = "checked: $service.name$"
  rotation_interval = 1s
}
object CheckCommand "rz" {
  command = [ "%RZ", "health", "--config", "@/rz.yaml", "--format", "nagios", "--only", "$tag$" ]
  timeout = 2h
}
object Host "here" {
  check_command = "rz"
  enable_active_checks = false
}
)";

// The first check comes at a random moment of the interval.
std::string icinga_service(const std::string& name) {
  return "object Service \"" + name + "\" {\n  host_name = \"here\"\n  check_command = \"rz\"\n" +
         "  vars.tag = \"" + name + "\"\n  check_interval = 1s\n}\n";
}

/// Whether it has taken the result of each service.
bool icinga_checked_all(const std::string& folder) {
  std::string taken;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    taken += content_of(file.path());
  }
  for (const std::string& name : kServices) {
    if (taken.find("checked: " + name + "\n") == std::string::npos) return false;
  }
  return true;
}

Understood icinga_service_of(const Value& result) {
  const std::string output = *result.find("output")->as_string();
  const std::size_t first = std::min(output.find('\n'), output.size());
  Understood service{to_json(*result.find("exit_status")),
                     std::string(trim(output.substr(0, first))), output.substr(first), "\n"};
  service.long_text = trim(service.long_text);
  for (const Value& item : *result.find("performance_data")->as_array()) {
    // It quotes the labels that need it.
    std::string text = *item.as_string();
    if (!text.starts_with('\'')) text = "'" + text.replace(text.find('='), 1, "'=");
    service.perfdata += text + "\n";
  }
  return service;
}

/// The services of the file in which it keeps its objects: `LENGTH:JSON,` each.
Services icinga_services(const std::string& state) {
  Services found;
  for (std::size_t at = 0; at < state.size();) {
    const std::size_t colon = state.find(':', at);
    const std::size_t size = std::stoul(state.substr(at, colon - at));
    const Value object = ok(parse_json(state.substr(colon + 1, size)));
    at = colon + size + 2;
    if (*object.find("type")->as_string() != "Service") continue;
    const std::string name = *object.find("name")->as_string();
    found[name.substr(name.find('!') + 1)] =
        icinga_service_of(*object.find("update")->find("last_check_result"));
  }
  return found;
}

/// An Icinga is a process that has others; it ends them when it is asked to end.
struct Icinga : MonitorFolder {
  Icinga() {
    std::string config = filled(kIcinga);
    for (const std::string& name : kServices) config += icinga_service(name);
    write("icinga.conf", config);
    std::vector<std::string> argv = {"/usr/sbin/icinga2", "daemon", "-c", *this / "icinga.conf"};
    for (const char* name : {"DataDir", "LogDir", "InitRunDir", "CacheDir", "SpoolDir"}) {
      std::filesystem::create_directory(*this / name);
      argv.insert(argv.end(), {"-D", name + ("=" + *this / name)});
    }
    std::filesystem::create_directory(*this / "checked");
    server = std::make_unique<test::ServerProcess>(argv, *this / "log");
  }
  ~Icinga() { server->stop(); }

  Variable user{"ICINGA2_USER", user_name().c_str()};
  Variable group{"ICINGA2_GROUP", group_name().c_str()};
  std::unique_ptr<test::ServerProcess> server;
};

TEST_CASE("Icinga 2 understands states, texts, further lines and perfdata") {
  const Icinga icinga;
  icinga.server->wait_until([&] { return icinga_checked_all(icinga / "checked"); });
  icinga.server->stop();
  const Services found = icinga_services(content_of(icinga / "DataDir/icinga2.state"));
  REQUIRE(found.size() == kServices.size());
  check_states(found);
  check_hostile(found);
  check_all(found);
  CHECK(found.at("fine").long_text.find("\nrz health: warning: ") != std::string::npos);
}

}  // namespace
}  // namespace rz::testing
