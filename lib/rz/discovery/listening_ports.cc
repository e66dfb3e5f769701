#include "rz/discovery/listening_ports.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::discovery {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxTable = 64 << 20;
constexpr std::string_view kListens = "0A";
constexpr std::string_view kSocketLink = "socket:[";

/// A row of /proc/net/tcp.
struct ListeningSocket {
  std::uint16_t port = 0;
  std::string host;
  std::string inode;
};

// `0100007F`, or four of these for IPv6: the words of the address as the machine stores them.
std::optional<std::string> parse_address(std::string_view hex) {
  const bool v6 = hex.size() == 32;
  if (!v6 && hex.size() != 8) return std::nullopt;
  std::array<std::uint32_t, 4> words{};
  for (std::size_t i = 0; i < hex.size() / 8; ++i) {
    const auto word = parse_hex(hex.substr(i * 8, 8));
    if (!word) return std::nullopt;
    words[i] = static_cast<std::uint32_t>(*word);
  }
  const bool any = std::all_of(words.begin(), words.end(), [](auto word) { return word == 0; });
  if (any) return v6 ? "::1" : "127.0.0.1";
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!::inet_ntop(v6 ? AF_INET6 : AF_INET, words.data(), text.data(), text.size())) {
    return std::nullopt;
  }
  // An address of IPv4 in the clothes of IPv6.
  constexpr std::string_view kMapped = "::ffff:";
  const std::string_view shown = text.data();
  return std::string(shown.starts_with(kMapped) ? shown.substr(kMapped.size()) : shown);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(line, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

std::optional<ListeningSocket> parse_row(std::string_view line) {
  constexpr std::size_t kLocal = 1, kState = 3, kInode = 9;
  const auto words = words_of(line);
  if (words.size() <= kInode || words[kState] != kListens) return std::nullopt;
  const std::string_view local = words[kLocal];
  const std::size_t colon = local.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto host = parse_address(local.substr(0, colon));
  const auto port = parse_hex(local.substr(colon + 1));
  if (!host || !port || *port == 0 || *port > 0xffff) return std::nullopt;
  return ListeningSocket{static_cast<std::uint16_t>(*port), *host, std::string(words[kInode])};
}

// Which process has which socket open; those of others cannot be seen.
std::map<std::string, std::string> owners_of_sockets(const std::string& proc_folder) {
  std::map<std::string, std::string> owners;
  std::error_code ignored;
  for (const auto& process : fs::directory_iterator(proc_folder, ignored)) {
    if (!parse_int(process.path().filename().string())) continue;
    const std::string name = read_file(process.path().string() + "/comm", 4096).value_or("");
    for (const auto& open : fs::directory_iterator(process.path() / "fd", ignored)) {
      const std::string target = fs::read_symlink(open.path(), ignored).string();
      if (!target.starts_with(kSocketLink) || !target.ends_with(']')) continue;
      const std::size_t begin = kSocketLink.size();
      owners.emplace(target.substr(begin, target.size() - 1 - begin), trim(name));
    }
  }
  return owners;
}

}  // namespace

std::vector<ListeningPort> read_listening_ports(const std::string& proc_folder) {
  const auto owners = owners_of_sockets(proc_folder);
  std::map<std::uint16_t, ListeningPort> ports;
  for (const char* table : {"/net/tcp", "/net/tcp6"}) {
    const std::string text = read_file(proc_folder + table, kMaxTable).value_or("");
    for (const std::string_view line : split(std::string_view(text), '\n')) {
      const auto socket = parse_row(line);
      if (!socket) continue;
      const auto owner = owners.find(socket->inode);
      ListeningPort port{socket->port, socket->host, owner == owners.end() ? "" : owner->second};
      // One at the loopback is the nearest, and does not depend on the network.
      const auto [known, inserted] = ports.emplace(socket->port, port);
      const bool nearer = port.host == "127.0.0.1" && known->second.host != "127.0.0.1";
      if (!inserted && nearer) known->second = port;
    }
  }
  std::vector<ListeningPort> listed;
  for (auto& [number, port] : ports) listed.push_back(std::move(port));
  return listed;
}

}  // namespace rz::discovery
