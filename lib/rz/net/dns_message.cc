#include "rz/net/dns_message.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "rz/base/text.h"
#include "rz/base/try.h"

namespace rz::net {
namespace {

constexpr std::size_t kHeaderSize = 12;
constexpr std::uint16_t kInternet = 1;

void put16(std::string& bytes, std::uint16_t value) {
  bytes += static_cast<char>(value >> 8);
  bytes += static_cast<char>(value & 0xff);
}

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::corrupt, "the answer is not a message of DNS");
}

/// Reads a message from its begin on. Nothing is read beyond its end.
class MessageReader {
 public:
  explicit MessageReader(std::string_view message) : message_(message) {}

  Result<std::uint16_t> u16() {
    TRY_ASSIGN(const std::string_view bytes, take(2));
    return static_cast<std::uint16_t>(byte(bytes, 0) << 8 | byte(bytes, 1));
  }
  Result<std::uint32_t> u32() {
    TRY_ASSIGN(const std::uint32_t high, u16());
    TRY_ASSIGN(const std::uint32_t low, u16());
    return high << 16 | low;
  }
  Result<unsigned> u8() {
    TRY_ASSIGN(const std::string_view bytes, take(1));
    return byte(bytes, 0);
  }
  Result<std::string_view> take(std::size_t size) {
    if (message_.size() - at_ < size) return damaged();
    const std::string_view bytes = message_.substr(at_, size);
    at_ += size;
    return bytes;
  }
  /// A text with its length before it.
  Result<std::string_view> counted() {
    TRY_ASSIGN(const unsigned size, u8());
    return take(size);
  }
  /// A domain, which may go on at an earlier place of the message; in lower case.
  Result<std::string> name() {
    std::array<char, NS_MAXDNAME> text{};
    const auto* begin = reinterpret_cast<const u_char*>(message_.data());
    const int size =
        ::ns_name_uncompress(begin, begin + message_.size(), begin + at_, text.data(), text.size());
    if (size < 0) return damaged();
    at_ += static_cast<std::size_t>(size);
    return to_lower(text.data());
  }

  std::size_t at() const { return at_; }
  void seek(std::size_t at) { at_ = at; }

 private:
  static unsigned byte(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
  }

  std::string_view message_;
  std::size_t at_ = 0;
};

Result<std::string> address_value(MessageReader& reader, int family, std::size_t size) {
  TRY_ASSIGN(const std::string_view bytes, reader.take(size));
  std::array<char, INET6_ADDRSTRLEN> text{};
  return std::string(::inet_ntop(family, bytes.data(), text.data(), text.size()));
}

Result<std::string> soa_value(MessageReader& reader) {
  TRY_ASSIGN(std::string value, reader.name());
  TRY_ASSIGN(const std::string mailbox, reader.name());
  value += " " + mailbox;
  for (int i = 0; i < 5; ++i) {
    TRY_ASSIGN(const std::uint32_t number, reader.u32());
    value += " " + std::to_string(number);
  }
  return value;
}

Result<std::string> srv_value(MessageReader& reader) {
  TRY_ASSIGN(const auto priority, reader.u16());
  TRY_ASSIGN(const auto weight, reader.u16());
  TRY_ASSIGN(const auto port, reader.u16());
  TRY_ASSIGN(const std::string target, reader.name());
  return fmt::format("{} {} {} {}", priority, weight, port, target);
}

// RFC 8659, section 4.1.
Result<std::string> caa_value(MessageReader& reader, std::size_t end) {
  TRY_ASSIGN(const unsigned flags, reader.u8());
  TRY_ASSIGN(const std::string_view tag, reader.counted());
  if (reader.at() > end) return damaged();
  TRY_ASSIGN(const std::string_view value, reader.take(end - reader.at()));
  return std::to_string(flags) + " " + to_lower(tag) + " " + std::string(value);
}

Result<std::string> txt_value(MessageReader& reader, std::size_t end) {
  std::string value;
  while (reader.at() < end) {
    TRY_ASSIGN(const std::string_view piece, reader.counted());
    value += piece;
  }
  return value;
}

Result<std::string> value_of(MessageReader& reader, DnsType type, std::size_t end) {
  switch (type) {
    case DnsType::a: return address_value(reader, AF_INET, 4);
    case DnsType::aaaa: return address_value(reader, AF_INET6, 16);
    case DnsType::ns:
    case DnsType::cname:
    case DnsType::ptr: return reader.name();
    case DnsType::soa: return soa_value(reader);
    case DnsType::mx: {
      TRY_ASSIGN(const auto preference, reader.u16());
      TRY_ASSIGN(const std::string host, reader.name());
      return std::to_string(preference) + " " + host;
    }
    case DnsType::txt: return txt_value(reader, end);
    case DnsType::srv: return srv_value(reader);
    case DnsType::caa: return caa_value(reader, end);
  }
  return damaged();
}

/// A record of an answer. One that is neither of the type that was asked for nor an alias has none
/// of both.
struct OwnedRecord {
  std::string owner;
  std::optional<std::string> alias_of{};  ///< What a CNAME leads to.
  std::optional<DnsRecord> wanted{};
};

Result<OwnedRecord> next_record(MessageReader& reader, DnsType wanted) {
  OwnedRecord record;
  TRY_ASSIGN(record.owner, reader.name());
  TRY_ASSIGN(const std::uint16_t type, reader.u16());
  TRY_ASSIGN(const std::uint16_t kind, reader.u16());
  TRY_ASSIGN(const std::uint32_t ttl, reader.u32());
  TRY_ASSIGN(const std::uint16_t size, reader.u16());
  const std::size_t end = reader.at() + size;
  const auto of_type = [&](DnsType each) {
    return type == static_cast<std::uint16_t>(each) && kind == kInternet;
  };
  if (of_type(wanted)) {
    TRY_ASSIGN(std::string value, value_of(reader, wanted, end));
    record.wanted = DnsRecord{ttl, std::move(value)};
  } else if (of_type(DnsType::cname)) {
    TRY_ASSIGN(record.alias_of, reader.name());
  } else {
    TRY(reader.take(size));
  }
  if (reader.at() != end) return damaged();
  return record;
}

// The records of `name`, and of what it is an alias of: a server may add those of other names.
std::vector<DnsRecord> records_of(std::string name, std::vector<OwnedRecord> records) {
  // Each alias leads on once, so that a circle ends.
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto alias = std::find_if(records.begin(), records.end(), [&](const OwnedRecord& each) {
      return each.alias_of && each.owner == name;
    });
    if (alias == records.end()) break;
    name = *alias->alias_of;
  }
  std::vector<DnsRecord> wanted;
  for (OwnedRecord& record : records) {
    if (record.wanted && record.owner == name) wanted.push_back(*std::move(record.wanted));
  }
  return wanted;
}

// The question of a query, as it is written, without what may follow it.
std::string_view question_of(std::string_view query) {
  std::size_t end = kHeaderSize;
  while (query[end] != '\0') end += 1 + static_cast<unsigned char>(query[end]);
  return query.substr(kHeaderSize, end + 1 + 4 - kHeaderSize);
}

}  // namespace

std::string name_of(DnsCode code) {
  switch (code) {
    case DnsCode::no_error: return "NOERROR";
    case DnsCode::form_error: return "FORMERR";
    case DnsCode::server_failure: return "SERVFAIL";
    case DnsCode::no_such_name: return "NXDOMAIN";
    case DnsCode::not_implemented: return "NOTIMP";
    case DnsCode::refused: return "REFUSED";
  }
  return "code " + std::to_string(static_cast<int>(code));
}

Result<std::string> make_dns_query(const std::string& domain, DnsType type, std::uint16_t id,
                                   bool extended) {
  constexpr std::uint16_t kRecursionDesired = 0x0100;
  constexpr std::uint16_t kOptions = 41;  // RFC 6891.
  // What fits into a frame on any way; the advice of the servers' authors (DNS flag day 2020).
  constexpr std::uint16_t kUdpSize = 1232;
  std::array<u_char, NS_MAXCDNAME> name{};
  if (domain.empty() || ::ns_name_pton(domain.c_str(), name.data(), name.size()) < 0) {
    return fail(ErrorCode::invalid_argument,
                "'" + printable(domain) + "' is not the name of a domain");
  }
  std::string query;
  put16(query, id);
  put16(query, kRecursionDesired);
  for (const int count : {1, 0, 0, extended ? 1 : 0}) put16(query, count);
  std::size_t size = 1;
  while (name[size - 1] != 0) size += name[size - 1] + std::size_t{1};
  query.append(reinterpret_cast<const char*>(name.data()), size);
  put16(query, static_cast<std::uint16_t>(type));
  put16(query, kInternet);
  if (!extended) return query;
  query += '\0';  // The root.
  put16(query, kOptions);
  put16(query, kUdpSize);
  for (int i = 0; i < 3; ++i) put16(query, 0);
  return query;
}

Result<DnsAnswer> read_dns_answer(std::string_view bytes, std::string_view query) {
  constexpr std::uint16_t kResponse = 0x8000, kTruncated = 0x0200, kCode = 0x000f;
  MessageReader reader(bytes);
  TRY_ASSIGN(const std::string_view id, reader.take(2));
  TRY_ASSIGN(const std::uint16_t flags, reader.u16());
  TRY_ASSIGN(const std::uint16_t questions, reader.u16());
  TRY_ASSIGN(const std::uint16_t answers, reader.u16());
  TRY(reader.u32());
  const std::string_view question = question_of(query);
  const bool answered = id == query.substr(0, 2) && (flags & kResponse) != 0;
  DnsAnswer answer{static_cast<DnsCode>(flags & kCode), (flags & kTruncated) != 0, {}};
  // A server that does not understand the question may leave it out.
  if (answered && questions == 0 && answer.code != DnsCode::no_error) return answer;
  TRY_ASSIGN(const std::string_view repeated, reader.take(question.size()));
  if (!answered || questions != 1 || !equals_ignore_case(repeated, question)) return damaged();
  const auto type = static_cast<DnsType>(static_cast<unsigned char>(question.end()[-4]) << 8 |
                                         static_cast<unsigned char>(question.end()[-3]));
  // What was cut off is asked for again, over TCP.
  if (answer.truncated) return answer;
  std::vector<OwnedRecord> records;
  for (std::uint16_t i = 0; i < answers; ++i) {
    TRY_ASSIGN(auto record, next_record(reader, type));
    records.push_back(std::move(record));
  }
  MessageReader asked(query);
  asked.seek(kHeaderSize);
  TRY_ASSIGN(std::string name, asked.name());
  answer.records = records_of(std::move(name), std::move(records));
  return answer;
}

std::string canonical_dns_value(DnsType type, std::string_view text) {
  if (type == DnsType::txt) return std::string(text);
  if (type == DnsType::a || type == DnsType::aaaa) {
    const int family = type == DnsType::a ? AF_INET : AF_INET6;
    std::array<unsigned char, 16> address{};
    std::array<char, INET6_ADDRSTRLEN> canonical{};
    if (::inet_pton(family, std::string(text).c_str(), address.data()) != 1) return "";
    return ::inet_ntop(family, address.data(), canonical.data(), canonical.size());
  }
  std::vector<std::string> words;
  for (std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    if (word.size() > 1 && word.starts_with('"') && word.ends_with('"')) {
      word = word.substr(1, word.size() - 2);
    }
    if (word.size() > 1 && word.ends_with('.')) word.remove_suffix(1);
    words.push_back(to_lower(word));
  }
  return join(words, " ");
}

std::string reverse_domain(const std::string& name) {
  std::array<unsigned char, 16> address{};
  if (::inet_pton(AF_INET, name.c_str(), address.data()) == 1) {
    return fmt::format("{}.{}.{}.{}.in-addr.arpa", address[3], address[2], address[1], address[0]);
  }
  if (::inet_pton(AF_INET6, name.c_str(), address.data()) != 1) return name;
  std::string domain;
  for (std::size_t i = address.size(); i-- > 0;) {
    domain += fmt::format("{:x}.{:x}.", address[i] & 0xf, address[i] >> 4);
  }
  return domain + "ip6.arpa";
}

}  // namespace rz::net
