#include "rz/net/starttls.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/net/line_reader.h"

namespace rz::net {
namespace {

constexpr Choice<StartTls> kProtocols[] = {
    {"none", StartTls::none},         {"smtp", StartTls::smtp},  {"imap", StartTls::imap},
    {"pop3", StartTls::pop3},         {"ldap", StartTls::ldap},  {"ftp", StartTls::ftp},
    {"postgres", StartTls::postgres}, {"mysql", StartTls::mysql}};

/// One exchange in clear text.
struct ClearText {
  Transport& transport;
  LineReader reader;
  Deadline deadline;

  Result<void> say(std::string_view words) { return transport.write_all(words, deadline); }
  Result<std::string> line() { return reader.line(deadline); }
  Result<std::string> bytes(std::size_t count) { return reader.bytes(count, deadline); }
};

tl::unexpected<Error> not_the_protocol(const std::string& protocol, std::string_view answer) {
  return fail(ErrorCode::corrupt,
              "the answer is not " + protocol + ": got " + quoted_answer(answer));
}

tl::unexpected<Error> no_tls(const std::string& asked, std::string_view answer) {
  return fail(ErrorCode::unsupported,
              "the server declines " + asked + ": got " + quoted_answer(answer));
}

// A reply of SMTP or FTP: lines `220-…`, the last one `220 …`. Returns all of them.
Result<std::string> coded_reply(ClearText& talk, const std::string& protocol) {
  constexpr std::size_t kMaxLines = 200;
  constexpr std::size_t kCodeSize = 3;
  std::string reply;
  std::string code;
  for (std::size_t count = 0; count < kMaxLines; ++count) {
    TRY_ASSIGN(const std::string line, talk.line());
    // In FTP only the first and the last line must begin with the code (RFC 959, section 4.2).
    const bool coded =
        line.size() >= kCodeSize && std::all_of(line.begin(), line.begin() + kCodeSize, is_digit);
    if (count == 0 && !coded) return not_the_protocol(protocol, line);
    if (count == 0) code = line.substr(0, kCodeSize);
    reply += line + "\n";
    const bool last = line.size() == kCodeSize || (coded && line[kCodeSize] == ' ');
    if (coded && last && line.starts_with(code)) return reply;
  }
  return fail(ErrorCode::corrupt, "the reply of the server has no end");
}

Result<void> expect_code(ClearText& talk, const std::string& protocol, std::string_view code,
                         const std::string& asked) {
  TRY_ASSIGN(const std::string reply, coded_reply(talk, protocol));
  if (reply.starts_with(code)) return {};
  return no_tls(asked, trim(reply));
}

Result<void> greeting(ClearText& talk, const std::string& protocol) {
  TRY_ASSIGN(const std::string reply, coded_reply(talk, protocol));
  if (reply.starts_with("220")) return {};
  return fail(ErrorCode::unavailable, "the server turns clients away: got " + quoted_answer(reply));
}

bool offers_starttls(const std::string& reply) {
  constexpr std::size_t kAfterCode = 4;
  const auto lines = split(reply, '\n');
  return std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    return line.size() > kAfterCode &&
           equals_ignore_case(trim(line.substr(kAfterCode)), "STARTTLS");
  });
}

// RFC 3207.
Result<void> ask_smtp(ClearText& talk) {
  TRY(greeting(talk, "SMTP"));
  // An address literal is a valid name of any client (RFC 5321, section 4.1.4).
  TRY(talk.say("EHLO [127.0.0.1]\r\n"));
  TRY_ASSIGN(const std::string reply, coded_reply(talk, "SMTP"));
  if (!reply.starts_with("250")) return no_tls("EHLO", trim(reply));
  if (!offers_starttls(reply)) {
    return fail(ErrorCode::unsupported, "the server does not offer STARTTLS");
  }
  TRY(talk.say("STARTTLS\r\n"));
  return expect_code(talk, "SMTP", "220", "STARTTLS");
}

// RFC 4217.
Result<void> ask_ftp(ClearText& talk) {
  TRY(greeting(talk, "FTP"));
  TRY(talk.say("AUTH TLS\r\n"));
  return expect_code(talk, "FTP", "234", "AUTH TLS");
}

// RFC 3501, section 6.2.1.
Result<void> ask_imap(ClearText& talk) {
  constexpr std::size_t kMaxLines = 200;
  TRY_ASSIGN(const std::string greeted, talk.line());
  if (!greeted.starts_with("* ")) return not_the_protocol("IMAP", greeted);
  if (!greeted.starts_with("* OK")) return no_tls("a new session", greeted);
  TRY(talk.say("rz1 STARTTLS\r\n"));
  for (std::size_t count = 0; count < kMaxLines; ++count) {
    TRY_ASSIGN(const std::string line, talk.line());
    if (line.starts_with("rz1 OK")) return {};
    if (line.starts_with("rz1 ")) return no_tls("STARTTLS", line);
    if (!line.starts_with("* ")) return not_the_protocol("IMAP", line);
  }
  return fail(ErrorCode::corrupt, "the reply of the server has no end");
}

// RFC 2595, section 4.
Result<void> ask_pop3(ClearText& talk) {
  TRY_ASSIGN(const std::string greeted, talk.line());
  if (!greeted.starts_with("+OK")) return not_the_protocol("POP3", greeted);
  TRY(talk.say("STLS\r\n"));
  TRY_ASSIGN(const std::string line, talk.line());
  if (line.starts_with("+OK")) return {};
  return line.starts_with("-ERR") ? no_tls("STLS", line) : not_the_protocol("POP3", line);
}

/// An element of BER: its tag, and the number of bytes that follow.
struct BerHead {
  unsigned char tag = 0;
  std::size_t size = 0;
};

unsigned char byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

Result<BerHead> ber_head(ClearText& talk) {
  constexpr unsigned char kLong = 0x80;
  constexpr std::size_t kMaxLengthBytes = 4;
  TRY_ASSIGN(const std::string head, talk.bytes(2));
  BerHead element{byte_at(head, 0), byte_at(head, 1)};
  if ((element.size & kLong) == 0) return element;
  const std::size_t count = element.size & ~std::size_t{kLong};
  if (count == 0 || count > kMaxLengthBytes) return not_the_protocol("LDAP", head);
  TRY_ASSIGN(const std::string length, talk.bytes(count));
  element.size = 0;
  for (std::size_t i = 0; i < count; ++i) element.size = element.size << 8 | byte_at(length, i);
  return element;
}

// The element that `bytes` begin with, all of whose lengths are short; nothing if they do not.
std::optional<std::string_view> short_element(std::string_view& bytes, unsigned char tag) {
  if (bytes.size() < 2 || byte_at(bytes, 0) != tag) return std::nullopt;
  const std::size_t size = byte_at(bytes, 1);
  if (size >= 0x80 || bytes.size() < 2 + size) return std::nullopt;
  const std::string_view content = bytes.substr(2, size);
  bytes.remove_prefix(2 + size);
  return content;
}

// The result code of an ExtendedResponse (RFC 4511, section 4.12) with the message id 1.
std::optional<int> ldap_result(std::string_view message) {
  constexpr unsigned char kInteger = 0x02, kEnumerated = 0x0a, kExtendedResponse = 0x78;
  const auto id = short_element(message, kInteger);
  if (!id || *id != "\x01" || message.empty() || byte_at(message, 0) != kExtendedResponse) {
    return std::nullopt;
  }
  // Its length may be written in the long form; what it holds begins behind that.
  const std::size_t length = message.size() < 2 ? 0 : byte_at(message, 1);
  message.remove_prefix(std::min(message.size(), 2 + (length >= 0x80 ? length - 0x80 : 0)));
  const auto code = short_element(message, kEnumerated);
  if (!code || code->size() != 1) return std::nullopt;
  return byte_at(*code, 0);
}

// RFC 4511, section 4.14.
Result<void> ask_ldap(ClearText& talk) {
  constexpr std::string_view kRequest =
      "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
      "1.3.6.1.4.1.1466.20037";
  constexpr unsigned char kSequence = 0x30;
  constexpr std::size_t kMaxLdapMessage = 16 * 1024;
  TRY(talk.say(kRequest));
  TRY_ASSIGN(const BerHead head, ber_head(talk));
  if (head.tag != kSequence || head.size > kMaxLdapMessage) {
    return not_the_protocol("LDAP", std::string(1, static_cast<char>(head.tag)));
  }
  TRY_ASSIGN(const std::string message, talk.bytes(head.size));
  const auto code = ldap_result(message);
  if (!code) return not_the_protocol("LDAP", message);
  if (*code == 0) return {};
  return fail(ErrorCode::unsupported,
              "the server declines StartTLS: got the result code " + std::to_string(*code));
}

// PostgreSQL's documentation, "SSL Session Encryption": one byte answers SSLRequest.
Result<void> ask_postgres(ClearText& talk) {
  constexpr std::string_view kRequest("\0\0\0\x08\x04\xd2\x16\x2f", 8);
  TRY(talk.say(kRequest));
  TRY_ASSIGN(const std::string answer, talk.bytes(1));
  if (answer == "S") return {};
  if (answer == "N") return fail(ErrorCode::unsupported, "the server does not offer TLS");
  return not_the_protocol("PostgreSQL", answer);
}

struct MysqlPacket {
  std::string payload;
  unsigned char sequence = 0;
};

Result<MysqlPacket> mysql_packet(ClearText& talk) {
  constexpr std::size_t kMaxPayload = 16 * 1024;
  TRY_ASSIGN(const std::string head, talk.bytes(4));
  const std::size_t size = byte_at(head, 0) | byte_at(head, 1) << 8 | byte_at(head, 2) << 16;
  if (size == 0 || size > kMaxPayload) return not_the_protocol("MySQL", head);
  TRY_ASSIGN(std::string payload, talk.bytes(size));
  return MysqlPacket{std::move(payload), byte_at(head, 3)};
}

// The lower half of the server's capabilities, in its first packet: behind the version of the
// protocol, the version of the server, the thread and eight bytes of a scramble and a zero.
std::optional<unsigned> mysql_capabilities(std::string_view greeting) {
  constexpr std::size_t kBetween = 4 + 8 + 1;
  const std::size_t zero = greeting.find('\0');
  if (zero == std::string_view::npos || greeting.size() < zero + 1 + kBetween + 2) {
    return std::nullopt;
  }
  const std::size_t at = zero + 1 + kBetween;
  return byte_at(greeting, at) | static_cast<unsigned>(byte_at(greeting, at + 1)) << 8;
}

// MySQL's Client/Server Protocol, "Protocol::SSLRequest".
Result<void> ask_mysql(ClearText& talk) {
  constexpr char kVersion = 10;
  constexpr char kError = '\xff';
  constexpr std::size_t kErrorHead = 3;
  constexpr unsigned kSsl = 0x0800;
  TRY_ASSIGN(const MysqlPacket greeting, mysql_packet(talk));
  if (greeting.payload.front() == kError) {
    const std::string why = greeting.payload.substr(std::min(kErrorHead, greeting.payload.size()));
    return fail(ErrorCode::unavailable, "the server turns clients away: got " + quoted_answer(why));
  }
  const auto capabilities = mysql_capabilities(greeting.payload);
  if (greeting.payload.front() != kVersion || !capabilities) {
    return not_the_protocol("MySQL", greeting.payload);
  }
  if ((*capabilities & kSsl) == 0) {
    return fail(ErrorCode::unsupported, "the server does not offer TLS");
  }
  // 32 bytes: PROTOCOL_41, SSL and SECURE_CONNECTION; packets up to 16 MiB; the character set
  // utf8; zeros.
  std::string request("\x20\0\0\x01\x00\x8a\0\0\0\0\0\x01\x21", 13);
  request[3] = static_cast<char>(greeting.sequence + 1);
  request.resize(4 + 32);
  return talk.say(request);
}

Result<void> ask(ClearText& talk, StartTls protocol) {
  switch (protocol) {
    case StartTls::none: return {};
    case StartTls::smtp: return ask_smtp(talk);
    case StartTls::imap: return ask_imap(talk);
    case StartTls::pop3: return ask_pop3(talk);
    case StartTls::ldap: return ask_ldap(talk);
    case StartTls::ftp: return ask_ftp(talk);
    case StartTls::postgres: return ask_postgres(talk);
    case StartTls::mysql: return ask_mysql(talk);
  }
  return {};
}

}  // namespace

std::span<const Choice<StartTls>> starttls_protocols() { return kProtocols; }

Result<void> ask_for_tls(Transport& transport, StartTls protocol, Deadline deadline) {
  ClearText talk{transport, LineReader(transport), deadline};
  TRY(ask(talk, protocol));
  if (!talk.reader.has_more()) return {};
  return fail(ErrorCode::corrupt,
              "the server sends more in clear text after it agreed to TLS; does somebody on the "
              "way change what it sends?");
}

}  // namespace rz::net
