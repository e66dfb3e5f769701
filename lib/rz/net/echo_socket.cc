#include "rz/net/echo_socket.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/random_token.h"
#include "rz/base/waiter.h"
#include "rz/net/no_answer.h"
#include "rz/net/transport.h"

namespace rz::net {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kEchoHead = 8;

tl::unexpected<Error> failed(int error) {
  return fail(Error{ErrorCode::unavailable, errno_text(error), {}, is_own_side_errno(error)});
}

// RFC 1071. The kernel adds it only for datagram sockets and for ICMPv6.
std::uint16_t checksum(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    sum += i % 2 == 0 ? std::uint32_t{byte} << 8 : byte;
  }
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<std::uint16_t>(~sum);
}

void set16(std::string& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<char>(value >> 8);
  bytes[at + 1] = static_cast<char>(value & 0xff);
}

std::uint16_t get16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[at]) << 8 |
                                    static_cast<unsigned char>(bytes[at + 1]));
}

class IcmpSocket final : public EchoSocket {
 public:
  IcmpSocket(UniqueFd fd, int family, bool raw)
      : fd_(std::move(fd)), ipv6_(family == AF_INET6), raw_(raw) {}

  std::string_view way() const override { return raw_ ? "raw" : "datagram"; }

  Result<void> send(std::uint16_t sequence) override {
    std::string request(kEchoHead, '\0');
    request[0] = static_cast<char>(ipv6_ ? ICMP6_ECHO_REQUEST : ICMP_ECHO);
    set16(request, 4, id_);
    set16(request, 6, sequence);
    request += token_;
    if (!ipv6_) set16(request, 2, checksum(request));
    sent_[sequence] = steady_clock::now();
    if (::send(fd_.get(), request.data(), request.size(), MSG_NOSIGNAL) >= 0) return {};
    return failed(errno);
  }

  Result<EchoReply> receive(Deadline deadline) override {
    std::array<char, 2048> buffer{};
    while (true) {
      const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
      const auto now = steady_clock::now();
      if (size >= 0) {
        const std::string_view packet(buffer.data(), static_cast<std::size_t>(size));
        if (const auto sequence = sequence_of(packet)) {
          return EchoReply{*sequence,
                           std::chrono::duration_cast<Micros>(now - sent_.at(*sequence))};
        }
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return failed(errno);
      pollfd entry{fd_.get(), POLLIN, 0};
      const int ready = current_waiter().wait({&entry, 1}, deadline);
      if (ready == 0) return no_answer_in_time();
      if (ready < 0) return failed(errno);
    }
  }

 private:
  // Which request `packet` answers; nothing if it answers none of this socket. A raw socket sees
  // the replies to all programs, and for IPv4 the header of IP before them.
  std::optional<std::uint16_t> sequence_of(std::string_view packet) const {
    if (raw_ && !ipv6_) {
      if (packet.empty()) return std::nullopt;
      const std::size_t head = std::size_t{4} * (static_cast<unsigned char>(packet[0]) & 0xf);
      packet.remove_prefix(std::min(head, packet.size()));
    }
    const auto type = static_cast<char>(ipv6_ ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY);
    const bool reply =
        packet.size() >= kEchoHead && packet[0] == type && packet.substr(kEchoHead) == token_;
    if (!reply) return std::nullopt;
    const std::uint16_t sequence = get16(packet, 6);
    return sent_.contains(sequence) ? std::optional(sequence) : std::nullopt;
  }

  UniqueFd fd_;
  bool ipv6_;
  bool raw_;
  // By these a reply is recognized: the id alone is too short, and a datagram socket has its own.
  std::string token_ = random_token();
  std::uint16_t id_ = checksum(token_);
  std::unordered_map<std::uint16_t, steady_clock::time_point> sent_{};
};

UniqueFd open_socket(int family, int type) {
  const int protocol = family == AF_INET6 ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP};
  return UniqueFd(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
}

}  // namespace

Result<std::unique_ptr<EchoSocket>> open_echo_socket(const SocketAddress& address) {
  const int family = address.storage.ss_family;
  bool raw = false;
  UniqueFd fd = open_socket(family, SOCK_DGRAM);
  // EACCES: the group may not; EPROTONOSUPPORT: a kernel without these sockets.
  if (!fd && (errno == EACCES || errno == EPROTONOSUPPORT)) {
    raw = true;
    fd = open_socket(family, SOCK_RAW);
    if (!fd && (errno == EPERM || errno == EACCES)) {
      return fail_own_side(
          ErrorCode::unavailable,
          "this user may not send ICMP; put its group into the range of the sysctl "
          "net.ipv4.ping_group_range, or give rz CAP_NET_RAW");
    }
  }
  // Replies to others than this host do not come through a connected socket.
  if (!fd || ::connect(fd.get(), address.get(), address.size) != 0) return failed(errno);
  return std::make_unique<IcmpSocket>(std::move(fd), family, raw);
}

}  // namespace rz::net
