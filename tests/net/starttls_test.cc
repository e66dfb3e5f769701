#include "rz/net/starttls.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "support/patience.h"
#include "support/results.h"
#include "support/scripted_server.h"

namespace rz::net {
namespace {

using test::await;
using test::say;
using test::ScriptedServer;
using test::ServerStep;

Deadline talk_ends() { return std::chrono::steady_clock::now() + test::kPatience; }

std::string bytes(std::string_view text) { return std::string(text); }

const std::string kLdapRequest =
    bytes("\x30\x1d\x02\x01\x01\x77\x18\x80\x16") + "1.3.6.1.4.1.1466.20037";

// `30 0c 02 01 01 78 07 0a 01 CODE 04 00 04 00`, as slapd writes it.
std::string ldap_answer(char code) {
  std::string answer("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0", 14);
  answer[9] = code;
  return answer;
}

// The first packet of a server with the lower capabilities `low`.
std::string mysql_greeting(unsigned char low, unsigned char high) {
  std::string payload(
      "\x0a"
      "10.11.6-MariaDB\0"
      "\x01\0\0\0"
      "12345678\0",
      30);
  payload += static_cast<char>(low);
  payload += static_cast<char>(high);
  payload.append(30, '\0');
  std::string head("\0\0\0\0", 4);
  head[0] = static_cast<char>(payload.size());
  return head + payload;
}

// What it answers is the head of the request for TLS and its flags.
const std::string kMysqlRequest("\x20\0\0\x01\0\x8a\0\0\0\0\0\x01\x21", 13);

struct Talk {
  StartTls protocol;
  std::vector<ServerStep> script;
};

std::vector<Talk> talks() {
  return {
      {StartTls::none, {}},
      {StartTls::smtp,
       {say("220-mail ESMTP\r\n220 ready\r\n"), await("EHLO [127.0.0.1]\r\n"),
        say("250-mail\r\n250-SIZE 100\r\n250-starttls\r\n250 HELP\r\n"), await("STARTTLS\r\n"),
        say("220 2.0.0 go\r\n")}},
      {StartTls::imap,
       {say("* OK IMAP4rev1\r\n"), await("rz1 STARTTLS\r\n"),
        say("* CAPABILITY IMAP4rev1\r\nrz1 OK go\r\n")}},
      {StartTls::pop3, {say("+OK ready\r\n"), await("STLS\r\n"), say("+OK go\r\n")}},
      {StartTls::ldap, {await(kLdapRequest), say(ldap_answer(0))}},
      {StartTls::ftp,
       {say("220-Welcome\r\n to this\r\n220 server\r\n"), await("AUTH TLS\r\n"),
        say("234 go\r\n")}},
      {StartTls::postgres, {await(std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8)), say("S")}},
      {StartTls::mysql,
       {say(mysql_greeting(0xfe, 0xff)), await(kMysqlRequest + std::string(23, '\0'))}},
  };
}

Result<void> ask(const ScriptedServer& server, StartTls protocol) {
  const auto transport = ok(connect_tcp("127.0.0.1", server.port(), talk_ends()));
  return ask_for_tls(*transport, protocol, talk_ends());
}

std::string refusal(StartTls protocol, std::vector<ServerStep> script) {
  const ScriptedServer server(std::move(script));
  return message_of(ask(server, protocol));
}

TEST_CASE("after each protocol's own exchange TLS may begin") {
  CHECK(talks().size() == starttls_protocols().size());
  for (Talk talk : talks()) {
    CAPTURE(static_cast<int>(talk.protocol));
    talk.script.push_back(await("hello"));
    talk.script.push_back(say("secret"));
    const ScriptedServer server(talk.script);
    const auto transport = ok(connect_tcp("127.0.0.1", server.port(), talk_ends()));
    ok(ask_for_tls(*transport, talk.protocol, talk_ends()));
    ok(transport->write_all("hello", talk_ends()));
    std::array<char, 6> read{};
    CHECK(ok(transport->read_some(read, talk_ends())) == 6);
    CHECK(std::string(read.data(), read.size()) == "secret");
  }
}

TEST_CASE("a server that does not offer TLS, or declines, is told") {
  CHECK(refusal(StartTls::smtp, {say("220 x\r\n"), await("EHLO [127.0.0.1]\r\n"),
                                 say("250-x\r\n250 STARTTLSX\r\n")}) ==
        "the server does not offer STARTTLS");
  CHECK(refusal(StartTls::smtp,
                {say("220 x\r\n"), await("EHLO [127.0.0.1]\r\n"), say("250 STARTTLS\r\n"),
                 await("STARTTLS\r\n"), say("454 4.7.0 no \x1b[31m\r\n")}) ==
        "the server declines STARTTLS: got '454 4.7.0 no \\x1b[31m'");
  CHECK(refusal(StartTls::smtp, {say("554 go away\r\n")}) ==
        "the server turns clients away: got '554 go away\\n'");
  CHECK(refusal(StartTls::imap,
                {say("* OK x\r\n"), await("rz1 STARTTLS\r\n"), say("rz1 BAD what\r\n")}) ==
        "the server declines STARTTLS: got 'rz1 BAD what'");
  CHECK(refusal(StartTls::imap, {say("* BYE busy\r\n")}) ==
        "the server declines a new session: got '* BYE busy'");
  CHECK(refusal(StartTls::pop3, {say("+OK\r\n"), await("STLS\r\n"), say("-ERR no\r\n")}) ==
        "the server declines STLS: got '-ERR no'");
  CHECK(refusal(StartTls::ftp, {say("220 x\r\n"), await("AUTH TLS\r\n"), say("500 what\r\n")}) ==
        "the server declines AUTH TLS: got '500 what'");
  CHECK(refusal(StartTls::ldap, {await(kLdapRequest), say(ldap_answer(52))}) ==
        "the server declines StartTLS: got the result code 52");
  CHECK(refusal(StartTls::postgres, {await("\x16\x2f"), say("N")}) ==
        "the server does not offer TLS");
  CHECK(refusal(StartTls::mysql, {say(mysql_greeting(0xfe, 0xf7))}) ==
        "the server does not offer TLS");
  CHECK(refusal(StartTls::mysql, {say(std::string("\x0a\0\0\0\xff\x69\x04no host", 14))}) ==
        "the server turns clients away: got 'no host'");
}

TEST_CASE("another protocol than the expected one is told") {
  for (const StartTls protocol : {StartTls::smtp, StartTls::imap, StartTls::pop3, StartTls::ftp}) {
    CHECK(refusal(protocol, {say("SSH-2.0-OpenSSH\r\n")}).ends_with("got 'SSH-2.0-OpenSSH'"));
  }
  for (const StartTls protocol : {StartTls::ldap, StartTls::postgres, StartTls::mysql}) {
    const ScriptedServer server({say(std::string(200, 'x'))});
    CHECK(code_of(ask(server, protocol)) == ErrorCode::corrupt);
  }
  const ScriptedServer endless({say("220 x\r\n"), await("\n"), say(std::string(20'000, 'x'))});
  CHECK(code_of(ask(endless, StartTls::smtp)) == ErrorCode::corrupt);
  std::string lines = "* OK x\r\n";
  for (int i = 0; i < 1000; ++i) lines += "* more\r\n";
  const ScriptedServer talker({say(lines)});
  CHECK(code_of(ask(talker, StartTls::imap)) == ErrorCode::corrupt);
}

TEST_CASE("what comes in clear text behind the consent is refused") {
  CHECK(refusal(StartTls::pop3,
                {say("+OK\r\n"), await("STLS\r\n"), say("+OK go\r\n+OK injected\r\n")}) ==
        "the server sends more in clear text after it agreed to TLS; does somebody on the way "
        "change what it sends?");
}

TEST_CASE("a server that goes away is unavailable") {
  const ScriptedServer server({});
  for (const Choice<StartTls>& protocol : starttls_protocols()) {
    if (protocol.value == StartTls::none) continue;
    CHECK(code_of(ask(server, protocol.value)) == ErrorCode::unavailable);
  }
}

}  // namespace
}  // namespace rz::net
