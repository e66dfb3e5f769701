#include "rz/discovery/discover.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "discovery/fake_host.h"
#include "rz/discovery/systemd_units.h"

namespace rz::discovery {
namespace {

using testing::FakeHost;

void make_server(const FakeHost& host) {
  host.sockets(
      "tcp", FakeHost::row("00000000:0050", "0A", "1") + FakeHost::row("00000000:C000", "0A", "2"));
  host.write("proc/self/mountinfo",
             "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
             "22 21 0:5 / /proc rw - proc proc rw\n"
             "23 21 8:2 / /data rw - xfs /dev/sdb rw\n"
             "24 21 0:6 / /tmp rw - tmpfs tmpfs rw\n");
  host.write("systemctl",
             "#!/bin/sh\n"
             "echo 'nginx.service loaded active running A web server'\n"
             "echo 'backup.service loaded failed failed Backups'\n"
             "echo 'systemd-journald.service loaded active running Journal'\n"
             "echo 'getty@tty1.service loaded active running Getty'\n"
             "echo 'Warning: something'\n");
  std::filesystem::permissions(host.path() + "/systemctl", std::filesystem::perms::owner_all);
}

Findings found_on(const FakeHost& host) {
  return discover({.root = host.path(),
                   .systemctl = host.path() + "/systemctl",
                   .look = [](const ListeningPort&) {
                     return PortLook{Service::http, 200};
                   }});
}

}  // namespace

TEST_CASE("what runs on a machine is found: ports, mounts and units") {
  const FakeHost host;
  make_server(host);
  host.write("run/systemd/system/x", "");
  const Findings found = found_on(host);
  CHECK(found.mounts == std::vector<std::string>{"/", "/data"});
  CHECK(found.units == std::vector<std::string>{"backup.service", "nginx.service"});
  REQUIRE(found.ports.size() == 1);
  CHECK(found.ports[0].port.port == 80);
  CHECK(found.ports[0].look.service == Service::http);
  CHECK(found.short_lived_ports == 1);
}

TEST_CASE("which ports the system gives out is asked, and systemd only where it runs") {
  const FakeHost host;
  make_server(host);
  host.write("proc/sys/net/ipv4/ip_local_port_range", "50000\t60999\n");
  const Findings found = found_on(host);
  CHECK(found.units.empty());
  CHECK(found.ports.size() == 2);
  CHECK(found.short_lived_ports == 0);
}

TEST_CASE("a systemctl that is missing or fails tells of no units") {
  CHECK(read_systemd_services("/nonexistent/systemctl").empty());
  CHECK(read_systemd_services("false").empty());
}

TEST_CASE("this machine can be looked at") {
  const Findings found = discover({.look = [](const ListeningPort&) { return PortLook{}; }});
  CHECK(!found.hostname.empty());
}

}  // namespace rz::discovery
