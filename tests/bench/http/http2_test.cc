// HTTP/2 against nghttpd, a real server.

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <fstream>
#include <string>
#include <vector>

#include "http2_server.h"
#include "rz/bench/http/load_run.h"
#include "rz/net/transport.h"
#include "support/certificates.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/results.h"
#include "support/server_process.h"
#include "support/temp_folder.h"
#include "support/unused_port.h"

namespace rz::bench {
namespace {

using test::Http2Server;

LoadOptions http2_load(const std::string& url, std::int64_t requests) {
  LoadOptions options;
  options.url = url;
  options.http2 = true;
  options.requests = requests;
  options.connections = 2;
  options.streams = 5;
  options.duration = test::kPatience;
  options.timeout = test::kPatience;
  return options;
}

TEST_CASE("many requests at a time on a connection of HTTP/2") {
  const Http2Server server;
  const LoadResult result = ok(run_load(http2_load(server.url("http"), 500), {}));
  CHECK(result.answered == 500);
  CHECK(result.statuses[2] == 500);
  CHECK(result.failed() == 0);
  CHECK(result.connections == 2);
  CHECK(result.latency.count() == 500);
  CHECK(result.bytes > 500ULL * 100'000);
}

TEST_CASE("methods, bodies and paths over HTTP/2") {
  const Http2Server server;
  LoadOptions options = http2_load(server.url("http"), 60);
  options.endpoints.resize(3);
  options.endpoints[0].method = "HEAD";
  options.endpoints[1].method = "POST";
  options.endpoints[1].body = std::string(300'000, 'b');
  options.endpoints[2].path = "/missing";
  const LoadResult result = ok(run_load(options, {}));
  CHECK(result.answered == 60);
  CHECK(result.statuses[4] == 20);
  CHECK(result.endpoints[2].failed == 20);
}

TEST_CASE("HTTP/2 over TLS, which the server must have chosen") {
  test::Certificates authority;
  const Http2Server server(authority.issue("server", "IP:127.0.0.1"));
  LoadOptions options = http2_load(server.url("https"), 100);
  options.tls.ca = authority.ca();
  const LoadResult result = ok(run_load(options, {}));
  CHECK(result.answered == 100);
  CHECK(result.tls.count() == 2);
}

TEST_CASE("a server that speaks no HTTP/2 breaks its rules") {
  test::HttpServer server;
  LoadOptions options = http2_load(server.url(), 10);
  const auto result = run_load(options, {});
  // It may break them before the run begins, or in it.
  if (!result) {
    CHECK(code_of(result) == ErrorCode::unavailable);
    return;
  }
  CHECK(result->answered == 0);
  CHECK(result->failed() == 10);
}

TEST_CASE("an open loop over HTTP/2 has a place for each stream") {
  const Http2Server server;
  LoadOptions options = http2_load(server.url("http"), 50);
  options.requests.reset();
  options.rate = 100;
  options.duration = Millis{500};
  options.queue = 1'000;
  const LoadResult result = ok(run_load(options, {}));
  CHECK(result.answered == 50);
  CHECK(result.due() == 50);
}

}  // namespace
}  // namespace rz::bench
