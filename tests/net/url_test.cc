#include "rz/net/url.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace rz::net {
namespace {

TEST_CASE("an address is a host and a port") {
  CHECK((parse_host_port("localhost:8125") == HostPort{"localhost", 8125}));
  CHECK((parse_host_port("127.0.0.1:1") == HostPort{"127.0.0.1", 1}));
  CHECK((parse_host_port("[::1]:65535") == HostPort{"::1", 65535}));
  CHECK((parse_host_port("[fe80::1%eth0]:80") == HostPort{"fe80::1%eth0", 80}));
  CHECK((parse_host_port("bücher.example:80") == HostPort{"bücher.example", 80}));
  for (const char* wrong :
       {"",           ":",          "host",      "host:",     ":80",      "host:0",
        "host:65536", "host:99999", "host:-1",   "host:+1",   "host:80x", "host: 80",
        "a b:80",     "::1:8125",   "[::1]",     "[::1]80",   "[::1:80",  "[]:80",
        "[host]:80",  "[::1%]:80",  "u@host:80", "host/x:80", "\xff:80",  "a\x1b:80"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_host_port(wrong).has_value());
  }
}

TEST_CASE("a URL for HTTP has a host, and a right port or none") {
  for (const char* right : {"http://a", "https://a/", "HTTPS://u:p@a:8080/x?y#z", "http://[::1]",
                            "http://[::1]:80/?q", "http://a?b", "http://127.0.0.1:1/a@b"}) {
    CAPTURE(right);
    CHECK(is_http_url(right));
  }
  for (const char* wrong :
       {"", "a", "ftp://a", "http:/a", "http://", "http:///x", "http://:80", "http://a b",
        "http://u@/x", "https//a", "http://[::1/", "http://[::1]x/", "http://::1/",
        "http://a:", "http://a:0/", "http://a:99999/", "http://a:b@c:d/", "http://a\n/"}) {
    CAPTURE(wrong);
    CHECK_FALSE(is_http_url(wrong));
  }
}

TEST_CASE("a URL is shown without userinfo, query and fragment") {
  struct Row {
    std::string_view url;
    std::string_view shown;
  };
  const Row rows[] = {
      {"", ""},
      {"http://host", "http://host"},
      {"http://host:8080/health/", "http://host:8080/health/"},
      {"https://user:secret@host/a", "https://host/a"},
      {"https://user@host/a", "https://host/a"},
      {"https://user:se@cret@host/a", "https://host/a"},
      {"https://user:se/cret@host/a", "https://host/a"},
      {"https://user:se?cret@host/a", "https://host/a"},
      {"https://user:se#cret@host/a", "https://host/a"},
      {"https://host/a?token=secret", "https://host/a"},
      {"https://host?token=secret", "https://host"},
      {"https://host/a#secret", "https://host/a"},
      {"https://host/a?next=http://x/@y", "https://host/a"},
      {"https://host/@someone/a", "https://host/@someone/a"},
      {"https://host:443/a?mail=a@b", "https://host:443/a"},
      {"https://[::1]:443/a?mail=a@b", "https://[::1]:443/a"},
      {"https://user:12/34@host/a", "https://host/a"},
      {"https://user:s:12/34@host/a", "https://host/a"},
      {"https://user:secret@[::1]:8443/a", "https://[::1]:8443/a"},
      // No URLs: what may be a password goes.
      {"user:secret@host/a", "host/a"},
      {"user:secret@host://a", "host://a"},
      {"user:se/cret@host", "host"},
      {"host:80/a?token=secret", "host:80/a"},
      {"://user:secret@host", "://host"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(redacted_url(row.url) == row.shown);
  }
}

TEST_CASE("no password in the userinfo of a URL is ever shown") {
  CHECK(rc::check([] {
    // Of every character that means something in a URL, but `@`: after one, nobody can tell.
    const auto password =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("SECRET12:/?#[]%")));
    const auto url = "https://user:s" + password + "S@host/path?token=T";
    RC_ASSERT(redacted_url(url) == "https://host/path");
  }));
}

}  // namespace
}  // namespace rz::net
