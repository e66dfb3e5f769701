#include "rz/discovery/discover.h"

#include <sys/utsname.h>

#include <array>
#include <string_view>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/discovery/systemd_units.h"
#include "rz/health/machine/mounts.h"

namespace rz::discovery {
namespace {

// File systems of the kernel and of memory, and images that are always full.
const std::vector<std::string>& not_on_disks() {
  static const std::vector<std::string> types = {
      "autofs",    "binfmt_misc", "bpf",        "cgroup",     "cgroup2",         "configfs",
      "debugfs",   "devpts",      "devtmpfs",   "efivarfs",   "fuse.gvfsd-fuse", "fusectl",
      "hugetlbfs", "iso9660",     "mqueue",     "nsfs",       "overlay",         "proc",
      "pstore",    "ramfs",       "rpc_pipefs", "securityfs", "squashfs",        "sysfs",
      "tmpfs",     "tracefs",     "erofs",      "nfsd"};
  return types;
}

// The first port that the system gives to programs that ask for any.
std::uint16_t first_given_out(const std::string& root) {
  constexpr std::uint16_t kUsual = 32'768;
  const auto text = read_file(root + "/proc/sys/net/ipv4/ip_local_port_range", 4096);
  if (!text) return kUsual;
  const auto first = parse_int(trim(std::string_view(*text).substr(0, text->find('\t'))));
  return first && *first > 1023 && *first < 65'536 ? static_cast<std::uint16_t>(*first) : kUsual;
}

}  // namespace

Findings discover(const Sources& sources) {
  Findings found;
  utsname system{};
  if (::uname(&system) == 0) found.hostname = system.nodename;
  found.mounts = health::matching_mounts(health::read_mounts(sources.root), "*", not_on_disks());
  // Where systemd does not run, systemctl is not asked: it may wait for a bus that is not there.
  if (kind_of_file(sources.root + "/run/systemd/system") != FileKind::none) {
    found.units = read_systemd_services(sources.systemctl);
  }
  const std::uint16_t given_out = first_given_out(sources.root);
  for (const ListeningPort& port : read_listening_ports(sources.root + "/proc")) {
    if (port.port >= given_out) {
      ++found.short_lived_ports;
    } else {
      found.ports.push_back({port, sources.look(port)});
    }
  }
  return found;
}

}  // namespace rz::discovery
