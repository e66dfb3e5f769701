// RedisStorage over TLS: to a real server, and to what is none.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "rz/base/duration.h"
#include "rz/storage/redis/redis_storage.h"
#include "storage/child_process.h"
#include "storage/storage_calls.h"
#include "storage/storage_contract.h"
#include "storage/storage_contract_support.h"
#include "support/certificates.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/redis_groups.h"
#include "support/redis_server.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using test::CertificateFiles;
using test::Certificates;
using test::RedisServer;

/// One authority, a server that wants certificates of it, and a client that has one.
struct TlsSetup {
  Certificates certificates;
  CertificateFiles of_server =
      certificates.issue("server", "DNS:localhost,DNS:redis.internal,IP:127.0.0.1");
  CertificateFiles of_client = certificates.issue("client", "");
  RedisServer server{
      {.password = "hunter2",
       .tls = {{.ca = certificates.ca(), .cert = of_server.cert, .key = of_server.key}}}};

  TlsOptions tls() const {
    return {.ca = certificates.ca(), .cert = of_client.cert, .key = of_client.key};
  }
};

TlsSetup& shared() {
  static TlsSetup setup;
  return setup;
}

StorageOptions options_of(const std::string& url, const TlsOptions& tls) {
  return {.url = url,
          .timeout = test::kPatience,
          .max_retries = 0,
          .deadline = test::kPatience,
          .tls = tls};
}

std::unique_ptr<Storage> open(const std::string& url, const TlsOptions& tls) {
  return ok(RedisStorage::from_config(options_of(url, tls)));
}

StorageBackend tls_backend() {
  REQUIRE(shared().server.command({"FLUSHALL"}).text == "OK");
  return {.open = [] { return open(shared().server.tls_url(), shared().tls()); },
          .advance = [](Millis time) { std::this_thread::sleep_for(time); },
          .exact_time = false};
}

RZ_TEST_STORAGE_CONTRACT("Redis over TLS", tls_backend);

/// The error of a first call with `tls`.
Error error_with(const TlsOptions& tls, const std::string& url = shared().server.tls_url()) {
  const auto storage = open(url, tls);
  const auto checked = storage->health_check();
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().where == redact_url(url));
  CHECK(to_string(checked.error()).find("hunter2") == std::string::npos);
  return checked.error();
}

/// The same, of a server with a certificate of its own.
Error error_of_server(const CertificateFiles& files, bool auth_clients = true) {
  const RedisServer server(
      {.tls = {{shared().certificates.ca(), files.cert, files.key, auth_clients}}});
  return error_with(shared().tls(), server.tls_url());
}

TEST_CASE("the authority may be a file or a folder, and options may come with the URL") {
  TlsOptions tls = shared().tls();
  CHECK(open(shared().server.tls_url(), tls)->health_check());
  tls.ca = shared().certificates.ca_folder();
  CHECK(open(shared().server.tls_url(), tls)->health_check());
  const std::string url = shared().server.tls_url() + "?ca=" + tls.ca + "&cert=" + tls.cert +
                          "&key=" + tls.key + "&server_name=redis.internal";
  const auto storage = open(url, {.ca = "/no/such", .server_name = "elsewhere"});
  CHECK(storage->health_check());
  CHECK(storage->description() == redact_url(shared().server.tls_url()));
}

TEST_CASE("the name of the server is verified, and so is its address") {
  const RedisServer& server = shared().server;
  TlsOptions tls = shared().tls();
  CHECK(open(server.tls_url({}, "localhost"), tls)->health_check());
  tls.server_name = "redis.internal";
  CHECK(open(server.tls_url(), tls)->health_check());

  const auto expected = [](const std::string& host) {
    return Error{ErrorCode::auth,
                 "the server's certificate is for localhost, redis.internal, 127.0.0.1, not for " +
                     host +
                     "; reach the server by a name of its certificate, or give one as "
                     "'server_name'",
                 redact_url(shared().server.tls_url())};
  };
  tls.server_name = "redis.example";
  CHECK(error_with(tls) == expected("redis.example"));
  tls.server_name = "127.0.0.2";
  CHECK(error_with(tls) == expected("127.0.0.2"));
  tls.server_name = "a\033b";
  CHECK(error_with(tls).message.find('\033') == std::string::npos);
}

TEST_CASE("a certificate that has no name but its subject's") {
  const auto files = shared().certificates.issue("nameless", "");
  CHECK(error_of_server(files).message.starts_with(
      "the server's certificate is for CN=nameless, not for 127.0.0.1; "));
}

TEST_CASE("a certificate that has expired, or is not valid yet") {
  Certificates& certificates = shared().certificates;
  const Error expired = error_of_server(certificates.issue("expired", "IP:127.0.0.1", -20, 10));
  CHECK(expired.code == ErrorCode::auth);
  CHECK(expired.message.starts_with("the server's certificate (CN=expired) has expired, at 20"));
  CHECK(expired.message.ends_with("Z; renew it"));
  const Error early = error_of_server(certificates.issue("early", "IP:127.0.0.1", 10, 10));
  CHECK(early.code == ErrorCode::auth);
  CHECK(early.message.starts_with("the server's certificate (CN=early) is valid only from 20"));
  CHECK(early.message.ends_with("Z; is this machine's clock right?"));
}

TEST_CASE("an authority that is not trusted") {
  const std::string message =
      "the server's certificate is not from a trusted authority: its chain ends with CN=rz test "
      "authority; name the certificate of its authority as 'ca'";
  TlsOptions tls = shared().tls();
  const Certificates others;
  tls.ca = others.ca();
  CHECK(error_with(tls).code == ErrorCode::auth);
  CHECK(error_with(tls).message == message);
  tls.ca = others.ca_folder();
  CHECK(error_with(tls).message == message);
  tls.ca = "";
  CHECK(error_with(tls).message == message);
}

TEST_CASE("nothing is verified if that is written out, and only then") {
  TlsOptions tls = shared().tls();
  tls.ca = "";
  tls.verify = false;
  tls.server_name = "redis.example";
  CHECK(open(shared().server.tls_url(), tls)->health_check());
  tls.verify = true;
  CHECK(open(shared().server.tls_url() + "?verify=false", tls)->health_check());
  tls.verify = false;
  CHECK(code_of(open(shared().server.tls_url() + "?verify=true", tls)->health_check()) ==
        ErrorCode::auth);
}

TEST_CASE("a server that wants a certificate of the client") {
  TlsOptions tls = shared().tls();
  tls.cert = tls.key = "";
  const Error missing = error_with(tls);
  CHECK(missing.code == ErrorCode::auth);
  CHECK(missing.message ==
        "the server requires a client certificate; give one as 'cert' and 'key'");

  Certificates others;
  const auto foreign = others.issue("foreign", "");
  tls.cert = foreign.cert;
  tls.key = foreign.key;
  CHECK(error_with(tls).message ==
        "the server does not trust the client certificate (unknown CA); give one of an authority "
        "that it trusts as 'cert'");

  const auto old = shared().certificates.issue("old", "", -20, 10);
  tls.cert = old.cert;
  tls.key = old.key;
  CHECK(error_with(tls).message ==
        "the server says that the client certificate has expired; renew it ('cert')");
}

TEST_CASE("files that are wrong") {
  const std::string& folder = shared().certificates.folder();
  const TlsOptions good = shared().tls();
  const auto refused = [&](TlsOptions tls) {
    const Error error = error_with(tls);
    CHECK(error.code == ErrorCode::invalid_argument);
    return error.message;
  };
  TlsOptions tls = good;
  tls.ca = "/no/such";
  CHECK(refused(tls) == "TLS: /no/such: cannot read: No such file or directory");
  tls.ca = good.key;
  CHECK(refused(tls) ==
        "TLS: " + good.key + ": holds no certificate in PEM; name a file with trusted authorities");
  tls.ca = folder;
  CHECK(refused(tls) ==
        "TLS: " + folder +
            ": holds no certificate under a name like 1a2b3c4d.0, by which OpenSSL finds it; run "
            "`openssl rehash` on it");
  tls = good;
  tls.key = "/no/such";
  CHECK(refused(tls) == "TLS: /no/such: cannot read: No such file or directory");
  tls.key = shared().of_server.key;
  CHECK(refused(tls) == "TLS: " + tls.key + ": is not the key of the certificate " + tls.cert);
  tls.key = good.cert;
  CHECK(refused(tls) == "TLS: " + tls.key + ": holds no private key in PEM without a passphrase");
  tls.key = "";
  CHECK(refused(tls) ==
        "TLS: a client certificate and its key belong together; give both 'cert' and 'key'");
  tls = good;
  tls.cert = good.key;
  CHECK(refused(tls) == "TLS: " + tls.cert + ": holds no certificate in PEM");
}

TEST_CASE("a server without TLS behind rediss://") {
  const std::string url =
      "rediss://default:hunter2@127.0.0.1:" + std::to_string(shared().server.port());
  StorageOptions options = options_of(url, shared().tls());
  Error error{ErrorCode::internal, "no connection", {}};
  // On a slow machine even connecting takes longer than the least of them.
  for (options.timeout = Millis{50}; error.message.starts_with("no connection");
       options.timeout *= 10) {
    const auto checked = ok(RedisStorage::from_config(options))->health_check();
    REQUIRE_FALSE(checked.has_value());
    error = checked.error();
  }
  CHECK(error.code == ErrorCode::timeout);
  CHECK(error.message ==
        "no TLS handshake within " + format_duration(options.timeout / 10) +
            "; does the server speak TLS on this port? A plain one (redis://) does not answer; see "
            "also storage.timeout");
}

TEST_CASE("a server behind rediss:// that answers, but not with TLS") {
  const test::HttpServer server(test::HttpServerReply{.raw = "-ERR unknown command\r\n"});
  const std::string url = "rediss://127.0.0.1:" + std::to_string(server.port()) + "/0";
  const Error error = error_with(shared().tls(), url);
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(error.message ==
        "the answer is not TLS; does the server speak TLS on this port, or is it a plain one?");
}

TEST_CASE("a server with TLS behind redis://") {
  const std::string url = "redis://127.0.0.1:" + std::to_string(shared().server.tls_port()) + "/0";
  const Error error = error_with({}, url);
  CHECK(error.code == ErrorCode::unavailable);
  CHECK(error.message.starts_with("the connection broke: "));
  CHECK(error.message.ends_with("; does the server want TLS (rediss://)?"));
}

TEST_CASE("values of megabytes pass, in both directions and many at a time") {
  const auto storage = open(shared().server.tls_url(), shared().tls());
  std::string large(5'000'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * i >> 3);
  REQUIRE(storage->set("large", large));
  CHECK(ok(storage->get("large")) == large);
  const std::vector<std::string> keys(3, "large");
  for (const auto& value : ok(storage->get_many(keys))) CHECK(value == large);
}

TEST_CASE("a connection is used again, and one that the server has closed is not") {
  RedisServer& server = shared().server;
  const auto connections = [&] {
    const std::string info = server.command({"INFO", "stats"}).text;
    const std::string_view name = "total_connections_received:";
    return std::stoi(info.substr(info.find(name) + name.size()));
  };
  const auto storage = open(server.tls_url(), shared().tls());
  REQUIRE(storage->set("key", "value"));
  const int before = connections();
  for (int i = 0; i < 10; ++i) CHECK(storage->increment("n"));
  // The administrator's own, of this question.
  CHECK(connections() == before + 1);
  server.command({"CLIENT", "KILL", "TYPE", "normal"});
  CHECK(storage->increment("n"));
}

TEST_CASE("a child of a fork leaves its parent's connections alone") {
  const auto storage = open(shared().server.tls_url(), shared().tls());
  REQUIRE(storage->set("key", "parent"));
  ChildProcess child([&] {
    const auto value = storage->get("key");
    return value && *value == "parent" ? 0 : 1;
  });
  CHECK(child.wait() == 0);
  CHECK(ok(storage->get("key")) == "parent");
}

test::RedisServerOptions with_tls() {
  const TlsSetup& setup = shared();
  return {.password = "hunter2",
          .tls = {{.ca = setup.certificates.ca(),
                   .cert = setup.of_server.cert,
                   .key = setup.of_server.key}}};
}

TEST_CASE("sentinels with TLS, and the master that they name") {
  test::SentinelGroup group(1, with_tls());
  StorageOptions options = options_of(group.url(), shared().tls());
  options.max_retries = 100;
  options.retry_delay = Millis{20};
  const auto storage = ok(RedisStorage::from_config(options));
  REQUIRE(storage->set("key", "value"));
  group.fail_over();
  REQUIRE(storage->set("key", "another"));
  CHECK(ok(storage->get("key")) == "another");
  CHECK(storage->description().starts_with("rediss+sentinel://"));
}

TEST_CASE("a cluster with TLS") {
  test::ClusterGroup group(with_tls());
  const auto storage = open(group.url(), shared().tls());
  for (const char* key : {"a", "b", "c", "foo", "bar"}) REQUIRE(storage->set(key, key));
  for (const char* key : {"a", "b", "c", "foo", "bar"}) CHECK(ok(storage->get(key)) == key);
  CHECK(storage->description().starts_with("rediss+cluster://"));
}

TEST_CASE("a server that hangs is given up within the timeout") {
  RedisServer& server = shared().server;
  StorageOptions options = options_of(server.tls_url(), shared().tls());
  options.timeout = Millis{60};
  const auto storage = ok(RedisStorage::from_config(options));
  while (!storage->set("key", "value")) {
  }
  server.pause();
  for (const Error& error : errors_of_all_calls(*storage)) {
    CHECK(error.code == ErrorCode::timeout);
  }
  server.resume();
  Result<std::optional<std::string>> value;
  do {
    value = storage->get("key");
  } while (!value);
}

}  // namespace
}  // namespace rz::storage
