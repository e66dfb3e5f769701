#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/net/dns_message.h"
#include "rz/net/url.h"

namespace rz::net {

inline constexpr std::uint16_t kDnsPort = 53;

/// Asks one name server for the records of `type` at `domain`: by UDP, again after a while if
/// nothing comes, and by TCP if the answer does not fit. What does not answer this question is
/// ignored: anybody can send a datagram.
/// Errors: invalid_argument (not the name of a domain); timeout; unavailable (refused, no such
/// host); corrupt (over TCP: the answer is not a message of DNS).
Result<DnsAnswer> ask_name_server(const HostPort& server, const std::string& domain, DnsType type,
                                  Deadline deadline);

/// The name servers that `text`, the content of resolv.conf(5), lists: at most three, as the system
/// uses them; without any, that of this machine.
std::vector<HostPort> name_servers_of(std::string_view text);

}  // namespace rz::net
