#include <doctest/doctest.h>

#include "reading.h"

namespace rz::config {

using testing::good;
using testing::wrong;

TEST_CASE("the endpoint listens on this machine alone by default, and results have an end") {
  const health::ServeOptions options = good("").serve;
  CHECK(options.listen == std::vector<std::string>{"127.0.0.1:8627"});
  CHECK(options.max_age > options.refresh);
  CHECK(options.token.empty());
}

TEST_CASE("the options of the endpoint are read") {
  const health::ServeOptions options =
      good(
          "serve: {listen: ['[::1]:1', 'unix:/run/x'], refresh: 1s, max_age: 1s, "
          "degraded_http: 503, max_header_size: 1KiB, max_body_size: 1, details: token}",
          {{"RZ_SERVE_TOKEN", "secret"}})
          .serve;
  CHECK(options.listen == std::vector<std::string>{"[::1]:1", "unix:/run/x"});
  CHECK(options.degraded_http == 503);
  CHECK(options.max_header_size == 1024);
  CHECK(options.max_body_size == 1);
  CHECK(options.token == "secret");
  CHECK(options.details == health::Details::token);
}

TEST_CASE("what cannot be is refused with its place") {
  CHECK(wrong("serve: {listen: ['8080']}") ==
        "rz.yaml:1:17: serve.listen: '8080' is not an address to listen on; write host:port, "
        "[v6]:port or unix:/path");
  CHECK(wrong("serve: {listen: []}") == "rz.yaml:1:17: serve.listen: is empty; name an address");
  CHECK(wrong("serve: {degraded_http: 404}") ==
        "rz.yaml:1:24: serve.degraded_http: must be 200 or 503");
  CHECK(wrong("serve: {refresh: 2m}") ==
        "rz.yaml:1:18: serve.refresh: results would be too old before they are refreshed: max_age "
        "is 1m30s, refresh 2m");
  CHECK(wrong("serve: {details: token}") ==
        "rz.yaml:1:18: serve.details: token needs 'token_file' beside it");
  CHECK(wrong("serve: {max_body_size: 2MiB}") ==
        "rz.yaml:1:24: serve.max_body_size: must be from 1 B to 1.0 MiB");
  CHECK(wrong("serve: {max_body_size: 0}") ==
        "rz.yaml:1:24: serve.max_body_size: must be from 1 B to 1.0 MiB");
  CHECK(wrong("serve: {listen: ['[::1]:1', 'a:1', 'a:1']}") ==
        "rz.yaml:1:17: serve.listen: 'a:1' is listed twice; keep one");
  CHECK(wrong("serve: {token_file: x}", {{"RZ_SERVE_TOKEN", "q w"}}).find("q w") ==
        std::string::npos);
  CHECK_FALSE(wrong("", {{"RZ_SERVE_TOKEN", "q w"}}).empty());
}

}  // namespace rz::config
