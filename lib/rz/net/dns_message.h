#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"

namespace rz::net {

/// The kinds of record that can be asked for, with their numbers in the protocol.
enum class DnsType : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28,
  srv = 33,
  caa = 257,
};

/// What a server says of a question as a whole (RFC 1035, section 4.1.1). Others have a number
/// only.
enum class DnsCode : int {
  no_error = 0,
  form_error = 1,
  server_failure = 2,
  no_such_name = 3,
  not_implemented = 4,
  refused = 5,
};

/// `NXDOMAIN`, `SERVFAIL`: the usual name of a code, or `code 9`.
std::string name_of(DnsCode code);

/// A record of the answer, of the type that was asked for.
struct DnsRecord {
  std::uint32_t ttl = 0;  ///< Seconds.
  /// As zone files write it, names in lower case and without the last dot: `192.0.2.1`,
  /// `10 mail.example.com`, `0 issue letsencrypt.org`; a text without quotes. May hold any bytes.
  std::string value;
};

struct DnsAnswer {
  DnsCode code{};
  bool truncated = false;  ///< There is more, which did not fit into a datagram.
  std::vector<DnsRecord> records;
};

/// A question for the records of `type` at `domain`. The id is its first two bytes.
/// `extended`: says that an answer of 1232 bytes may come, which very old servers do not
/// understand. Errors: invalid_argument (not the name of a domain).
Result<std::string> make_dns_query(const std::string& domain, DnsType type, std::uint16_t id,
                                   bool extended);

/// Reads the answer to `query`. Records of other types are left out, such as the aliases that led
/// to those that were asked for.
/// Errors: corrupt (damaged, or not the answer to `query`).
Result<DnsAnswer> read_dns_answer(std::string_view bytes, std::string_view query);

/// `text` in the form in which a record of `type` has its value, so that both can be compared.
std::string canonical_dns_value(DnsType type, std::string_view text);

/// The domain at which the PTR records of an address are, `1.2.0.192.in-addr.arpa`; `name` itself
/// if it is not an address.
std::string reverse_domain(const std::string& name);

}  // namespace rz::net
