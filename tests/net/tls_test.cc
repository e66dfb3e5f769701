// The handshake is also tested with a real server: tests/storage/redis/redis_tls_test.cc.
#include "rz/net/tls.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

#include "support/patience.h"
#include "support/print.h"
#include "support/results.h"
#include "support/scripted_server.h"

namespace rz::net {
namespace {

bool is_loaded(const std::string& library) {
  std::ifstream maps("/proc/self/maps");
  const std::string text{std::istreambuf_iterator<char>(maps), {}};
  return text.find(library) != std::string::npos;
}

TEST_CASE("OpenSSL is loaded by the first client, and no sooner") {
  CHECK_FALSE(is_loaded("librz-tls.so"));
  REQUIRE(make_tls_client({.verify = false}));
  CHECK(is_loaded("librz-tls.so"));
}

TEST_CASE("files are read when the client is made") {
  CHECK(error_of(make_tls_client({.ca = "/no/such/ca.pem"})) ==
        Error{ErrorCode::invalid_argument, "cannot read: No such file or directory",
              "/no/such/ca.pem"});
  CHECK(make_tls_client({.ca = "/no/such/ca.pem", .verify = false}));
}

TEST_CASE("a connection tells what was agreed on, and the chain of the server") {
  const auto later = std::chrono::steady_clock::now() + test::kPatience;
  test::Certificates certificates;
  const auto files = certificates.issue_through("mail", "IP:127.0.0.1", 20, 90);
  const test::ScriptedServer server({test::begin_tls(), test::say("secret")}, files);
  for (const bool verify : {true, false}) {
    const auto client = ok(make_tls_client({.ca = certificates.ca(), .verify = verify}));
    const auto secured = ok(client->wrap(ok(connect_tcp("127.0.0.1", server.port(), later)),
                                         verify ? "127.0.0.1" : "other.test", later));
    std::array<char, 6> read{};
    CHECK(ok(secured->read_some(read, later)) == 6);
    const TlsSession& session = secured->session();
    CHECK(session.protocol == "TLSv1.3");
    CHECK(session.cipher.starts_with("TLS_"));
    CHECK(session.names_host == verify);
    // The authority itself is not sent.
    REQUIRE(session.chain.size() == (verify ? 3 : 2));
    CHECK(session.chain[0].subject == "CN=mail");
    CHECK(session.chain[0].names == "127.0.0.1");
    CHECK(session.chain[0].issuer == "CN=rz authority between");
    CHECK(session.chain[1].subject == "CN=rz authority between");
    CHECK(session.chain[0].not_after < session.chain[1].not_after);
    if (verify) CHECK(session.chain[2].subject == "CN=rz test authority");
  }
}

}  // namespace
}  // namespace rz::net
