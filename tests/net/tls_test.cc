// The handshake itself is tested with a real server: tests/storage/redis/redis_tls_test.cc.
#include "rz/net/tls.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "support/print.h"
#include "support/results.h"

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

}  // namespace
}  // namespace rz::net
