// HTTP over TLS and HTTP/2, with the servers of OpenSSL and nghttp2.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "rz/net/http_client.h"
#include "rz/net/transport.h"
#include "support/certificates.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/results.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace rz::net {
namespace {

Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds{5}; }

Result<HttpResponse> ask(HttpRequest request) {
  request.timeout = test::kPatience;
  return ok(make_http_client())->send(request);
}

/// A program that listens on the port that `argv` names, and is ready once it accepts connections.
class PortServer {
 public:
  PortServer(int port, std::vector<std::string> argv, const std::string& log)
      : port_(port), process_(std::move(argv), log) {
    process_.wait_until([&] {
      return connect_tcp("127.0.0.1", static_cast<std::uint16_t>(port_), soon()).has_value();
    });
  }
  std::string url(const std::string& scheme, const std::string& host = "127.0.0.1") const {
    return scheme + "://" + host + ":" + std::to_string(port_) + "/index.html";
  }

 private:
  int port_;
  test::ServerProcess process_;
};

PortServer openssl_server(const TempFolder& folder, const test::CertificateFiles& files,
                          const std::vector<std::string>& more = {}) {
  const int port = test::unused_port(SOCK_STREAM);
  std::vector<std::string> argv = {
      "openssl", "s_server", "-accept", "127.0.0.1:" + std::to_string(port),
      "-cert",   files.cert, "-key",    files.key,
      "-www",    "-quiet"};
  argv.insert(argv.end(), more.begin(), more.end());
  return PortServer(port, argv, folder / "s_server.log");
}

TEST_CASE("the server's certificate is verified against the authorities that are named") {
  const TempFolder folder;
  test::Certificates authority;
  const test::Certificates other;
  const auto server = openssl_server(folder, authority.issue("server", "IP:127.0.0.1"));
  const std::string url = server.url("https");

  const Error unknown = error_of(ask({.url = url}));
  CHECK(unknown.code == ErrorCode::auth);
  CHECK(unknown.message.starts_with("the server's certificate is not from a trusted authority: "));
  CHECK(unknown.message.ends_with("; name the certificate of its authority as 'ca'"));
  const std::string foreign = other.ca_folder();
  CHECK(code_of(ask({.url = url, .tls = {.ca = other.ca()}})) == ErrorCode::auth);
  CHECK(error_of(ask({.url = url, .tls = {.ca = foreign}})).message == unknown.message);

  CHECK(ok(ask({.url = url, .tls = {.ca = authority.ca()}})).status == 200);
  CHECK(ok(ask({.url = url, .tls = {.ca = authority.ca_folder()}})).status == 200);
  CHECK(ok(ask({.url = url, .tls = {.verify = false}})).status == 200);

  const Error missing = error_of(ask({.url = url, .tls = {.ca = "/no/such/ca.pem"}}));
  CHECK(missing == Error{ErrorCode::invalid_argument, "cannot read: No such file or directory",
                         "/no/such/ca.pem"});
}

TEST_CASE("a file of authorities that is replaced is read again") {
  const TempFolder folder;
  test::Certificates authority;
  const test::Certificates other;
  const auto server = openssl_server(folder, authority.issue("server", "IP:127.0.0.1"));
  const std::string file = folder / "trusted.pem";
  const auto trust = [&](const std::string& ca) {
    std::filesystem::remove(file);
    std::filesystem::copy_file(ca, file);
  };
  trust(authority.ca());
  CHECK(ask({.url = server.url("https"), .tls = {.ca = file}}).has_value());
  trust(other.ca());
  CHECK(code_of(ask({.url = server.url("https"), .tls = {.ca = file}})) == ErrorCode::auth);
  trust(authority.ca());
  CHECK(ask({.url = server.url("https"), .tls = {.ca = file}}).has_value());
}

TEST_CASE("the certificate must be for the host, or for the name that takes its place") {
  const TempFolder folder;
  test::Certificates authority;
  const auto server = openssl_server(folder, authority.issue("server", "DNS:api.internal"));
  const std::string url = server.url("https");
  CHECK(error_of(ask({.url = url, .tls = {.ca = authority.ca()}})).message ==
        "the server's certificate is for api.internal, not for 127.0.0.1; reach the server by a "
        "name of its certificate, or give one as 'server_name'");
  const TlsOptions named{.ca = authority.ca(), .server_name = "api.internal"};
  CHECK(ok(ask({.url = url, .tls = named})).status == 200);
  const TlsOptions wrong{.ca = authority.ca(), .server_name = "db.internal"};
  const Error refused = error_of(ask({.url = url, .tls = wrong}));
  CHECK(refused.code == ErrorCode::auth);
  CHECK(refused.message.starts_with(
      "the server's certificate is for api.internal, not for db.internal; "));
}

TEST_CASE("a certificate that has expired is told with its time") {
  const TempFolder folder;
  test::Certificates authority;
  const auto server = openssl_server(folder, authority.issue("server", "IP:127.0.0.1", -20, 10));
  const Error error = error_of(ask({.url = server.url("https"), .tls = {.ca = authority.ca()}}));
  CHECK(error.code == ErrorCode::auth);
  CHECK_FALSE(error.own_side);
  CHECK(error.message.starts_with("the server's certificate ("));
  CHECK(error.message.find(") has expired, at 20") != std::string::npos);
  CHECK(error.message.ends_with("; renew it"));
}

TEST_CASE("a server that offers no TLS but an old one is told") {
  const TempFolder folder;
  test::Certificates authority;
  const auto server = openssl_server(folder, authority.issue("server", "IP:127.0.0.1"),
                                     {"-tls1_1", "-cipher", "ALL@SECLEVEL=0"});
  const Error error = error_of(ask({.url = server.url("https"), .tls = {.ca = authority.ca()}}));
  CHECK(error.message == "the server does not offer TLS 1.2 or newer, and rz speaks nothing older");
}

TEST_CASE("the client shows its certificate, and says if it has none that can be read") {
  const TempFolder folder;
  test::Certificates authority;
  const auto server =
      openssl_server(folder, authority.issue("server", "IP:127.0.0.1"),
                     {"-Verify", "1", "-verify_return_error", "-CAfile", authority.ca()});
  const auto mine = authority.issue("client", "DNS:client");
  TlsOptions tls{.ca = authority.ca()};
  const Error refused = error_of(ask({.url = server.url("https"), .tls = tls}));
  CHECK_FALSE(refused.own_side);
  CHECK(refused.message.find("client certificate") != std::string::npos);
  tls.cert = mine.cert;
  tls.key = mine.key;
  CHECK(ok(ask({.url = server.url("https"), .tls = tls})).status == 200);
  tls.key = "/no/such/key.pem";
  const Error unread = error_of(ask({.url = server.url("https"), .tls = tls}));
  CHECK(unread.where == "/no/such/key.pem");
  tls.key = authority.issue("other", "DNS:other").key;
  const Error other = error_of(ask({.url = server.url("https"), .tls = tls}));
  CHECK(other.own_side);
  CHECK(other.message.starts_with("cannot use the client's certificate"));
}

TEST_CASE("what the server has shown of itself is told") {
  const TempFolder folder;
  test::Certificates authority;
  const auto server = openssl_server(folder, authority.issue("server", "IP:127.0.0.1", -1, 20));
  const HttpResponse response =
      ok(ask({.url = server.url("https"), .tls = {.ca = authority.ca()}, .certificates = true}));
  REQUIRE_FALSE(response.certificates.empty());
  const PeerCertificate& own = response.certificates.front();
  CHECK(own.subject.find("server") != std::string::npos);
  const auto days = [&](TimePoint time) {
    return std::chrono::duration_cast<std::chrono::hours>(time - SystemClock::instance().now())
               .count() /
           24;
  };
  CHECK(days(own.not_before) <= 0);
  CHECK(days(own.not_after) >= 17);
  CHECK(days(own.not_after) <= 20);
  CHECK(response.phases.tls > Micros{0});
}

TEST_CASE("HTTP/2 is spoken where it is offered or demanded") {
  const TempFolder folder;
  std::ofstream(folder / "index.html") << "two";
  test::Certificates authority;
  const auto files = authority.issue("server", "IP:127.0.0.1");
  const int clear_port = test::unused_port(SOCK_STREAM);
  const PortServer clear(clear_port,
                         {"/usr/sbin/nghttpd", "--no-tls", "-a", "127.0.0.1", "-d", folder.path(),
                          std::to_string(clear_port)},
                         folder / "clear.log");
  const HttpResponse prior = ok(ask({.url = clear.url("http"), .version = HttpVersion::http2}));
  CHECK(prior.version == "2");
  CHECK(prior.body == "two");

  const int port = test::unused_port(SOCK_STREAM);
  const PortServer secure(port,
                          {"/usr/sbin/nghttpd", "-a", "127.0.0.1", "-d", folder.path(),
                           std::to_string(port), files.key, files.cert},
                          folder / "secure.log");
  const TlsOptions tls{.ca = authority.ca()};
  CHECK(ok(ask({.url = secure.url("https"), .tls = tls})).version == "2");
  CHECK(ok(ask({.url = secure.url("https"), .tls = tls, .version = HttpVersion::http2})).version ==
        "2");

  const auto old = openssl_server(folder, files);
  CHECK(ok(ask({.url = old.url("https"), .tls = tls, .version = HttpVersion::http2})).version !=
        "2");
}

}  // namespace
}  // namespace rz::net
