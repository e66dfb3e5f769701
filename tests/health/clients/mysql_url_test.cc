#include "rz/health/clients/mysql_url.h"

#include <doctest/doctest.h>

namespace rz::health {
namespace {

TEST_CASE("all parts of a URL of MySQL") {
  auto url = parse_mysql_url("mysql://r%40z:p%3Aw@db.internal:3307/app");
  REQUIRE(url);
  CHECK(url->user == "r@z");
  CHECK(url->password == "p:w");
  CHECK(url->host == "db.internal");
  CHECK(url->port == 3307);
  CHECK(url->database == "app");

  url = parse_mysql_url("MariaDB://[::1]");
  REQUIRE(url);
  CHECK(url->host == "::1");
  CHECK(url->port == 3306);
  CHECK(url->user.empty());

  url = parse_mysql_url("mysql://rz@/app?socket=%2Frun%2Fmysqld.sock");
  REQUIRE(url);
  CHECK(url->host.empty());
  CHECK(url->socket == "/run/mysqld.sock");
  CHECK(url->user == "rz");
}

TEST_CASE("what is not a URL of MySQL is refused without showing it") {
  for (const char* wrong :
       {"", "mysql:", "mysql://", "mysql:///db", "http://h", "mysql://h:0", "mysql://h:x",
        "mysql://h?tls=1", "mysql://h/?socket=/a", "mysql://%zz@h", "mysql://u:%00@h",
        "mysql://[::1", "mysql:///?socket=/a&b=c"}) {
    CAPTURE(wrong);
    const auto url = parse_mysql_url(wrong);
    REQUIRE_FALSE(url);
    CHECK(url.error().code == ErrorCode::invalid_argument);
    CHECK(url.error().message ==
          "is not the URL of a server; write it like mysql://user@host:3306/db");
  }
}

}  // namespace
}  // namespace rz::health
