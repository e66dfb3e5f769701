#include "rz/storage/storage_url.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "rz/storage/storage_schemes.h"

namespace rz::storage {
namespace {

using Kind = StorageUrl::Kind;

/// All parts in one text, to compare.
std::string shown(const StorageUrl& url) {
  std::string text = std::to_string(static_cast<int>(url.kind)) + (url.tls ? "+tls|" : "|");
  text += url.path + "|";
  for (const auto& [host, port] : url.hosts) text += host + " " + std::to_string(port) + ",";
  text += "|" + url.user + "|" + (url.has_password ? "'" + url.password + "'" : "none");
  return text + "|" + url.master + "|" + std::to_string(url.database);
}

std::string parts(std::string_view text) {
  const auto url = parse_storage_url(text);
  return url ? shown(*url) : url.error().message;
}

TEST_CASE("every form") {
  struct Row {
    const char* url;
    const char* parts;
    const char* redacted;
  };
  const Row rows[] = {
      {"memory:", "0||||none||0", "memory:"},
      {"memory://", "0||||none||0", "memory:"},
      {"MEMORY:", "0||||none||0", "memory:"},
      {"sqlite:/var/lib/rz/rz.db", "1|/var/lib/rz/rz.db|||none||0", "sqlite:/var/lib/rz/rz.db"},
      {"sqlite:rz.db", "1|rz.db|||none||0", "sqlite:rz.db"},
      {"sqlite:///tmp/a%20b@c?d", "1|/tmp/a%20b@c?d|||none||0", "sqlite:/tmp/a%20b@c?d"},
      {"redis://localhost", "2||localhost 6379,||none||0", "redis://localhost:6379/0"},
      {"redis://localhost/", "2||localhost 6379,||none||0", "redis://localhost:6379/0"},
      {"redis://h:1/7", "2||h 1,||none||7", "redis://h:1/7"},
      {"redis://h:65535", "2||h 65535,||none||0", "redis://h:65535/0"},
      {"redis://:secret@h", "2||h 6379,||'secret'||0", "redis://h:6379/0"},
      {"redis://:@h", "2||h 6379,||''||0", "redis://h:6379/0"},
      {"redis://me@h", "2||h 6379,|me|none||0", "redis://me@h:6379/0"},
      {"redis://me:p%40s%3As%2f%25@h", "2||h 6379,|me|'p@s:s/%'||0", "redis://me@h:6379/0"},
      {"redis://me:a@b/c@h:2/1", "2||h 2,|me|'a@b/c'||1", "redis://me@h:2/1"},
      {"redis://m%65%20:x@h", "2||h 6379,|me |'x'||0", "redis://me%20@h:6379/0"},
      {"redis://me:p%0Aq@h", "2||h 6379,|me|'p\nq'||0", "redis://me@h:6379/0"},
      {"redis://[::1]:7000/2", "2||::1 7000,||none||2", "redis://[::1]:7000/2"},
      {"redis://[fe80::1%eth0]", "2||fe80::1%eth0 6379,||none||0", "redis://[fe80::1%eth0]:6379/0"},
      {"rediss://u:p@redis.internal:6380", "2+tls||redis.internal 6380,|u|'p'||0",
       "rediss://u@redis.internal:6380/0"},
      {"redis+unix:///run/redis.sock", "3|/run/redis.sock|||none||0",
       "redis+unix:///run/redis.sock"},
      {"redis+unix:///run/a%20b.sock?db=3", "3|/run/a b.sock|||none||3",
       "redis+unix:///run/a%20b.sock?db=3"},
      {"redis+unix://me:pw@/run/r@x.sock", "3|/run/r@x.sock||me|'pw'||0",
       "redis+unix://me@/run/r@x.sock"},
      {"redis+unix://me:p@ss@/r.sock", "3|/r.sock||me|'p@ss'||0", "redis+unix://me@/r.sock"},
      {"redis+sentinel://a,b:2,[::1]:3/mymaster/4", "4||a 26379,b 2,::1 3,||none|mymaster|4",
       "redis+sentinel://a:26379,b:2,[::1]:3/mymaster/4"},
      {"redis+sentinel://me:pw@a/my%20master", "4||a 26379,|me|'pw'|my master|0",
       "redis+sentinel://me@a:26379/my%20master/0"},
      {"redis+cluster://a,b:2", "5||a 6379,b 2,||none||0", "redis+cluster://a:6379,b:2"},
      {"valkey://h", "2||h 6379,||none||0", "redis://h:6379/0"},
      {"valkeys://h", "2+tls||h 6379,||none||0", "rediss://h:6379/0"},
      {"ValKey+Unix:///s", "3|/s|||none||0", "redis+unix:///s"},
      {"valkey+sentinel://a/m", "4||a 26379,||none|m|0", "redis+sentinel://a:26379/m/0"},
      {"valkey+cluster://a", "5||a 6379,||none||0", "redis+cluster://a:6379"},
      {"rediss+sentinel://a/m", "4+tls||a 26379,||none|m|0", "rediss+sentinel://a:26379/m/0"},
      {"valkeys+cluster://a", "5+tls||a 6379,||none||0", "rediss+cluster://a:6379"},
      {"rediss://h/2?verify=false", "2+tls||h 6379,||none||2", "rediss://h:6379/2"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(parts(row.url) == row.parts);
    const auto url = parse_storage_url(row.url);
    REQUIRE(url);
    CHECK(redact(*url) == row.redacted);
    CHECK(redact_url(row.url) == row.redacted);
  }
}

TEST_CASE("the example of every scheme is one of its kind, and its form begins with its name") {
  for (const StorageScheme& scheme : storage_schemes()) {
    CAPTURE(scheme.example);
    const auto url = parse_storage_url(scheme.example);
    REQUIRE(url.has_value());
    CHECK(url->kind == scheme.kind);
    CHECK(url->tls == scheme.tls);
    CHECK(&scheme_of(*url) == &scheme);
    CHECK(scheme.form.starts_with(std::string(scheme.name) + ":"));
  }
}

TEST_CASE("what is wrong, and the form that is right") {
  const std::string redis = "; write redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]";
  const std::string rediss = "; write rediss://[USER[:PASSWORD]@]HOST[:PORT][/DB]";
  const std::string unix_socket = "; write redis+unix://[USER[:PASSWORD]@]/PATH[?db=N]";
  const std::string sentinel = "; write redis+sentinel://HOST:PORT,HOST:PORT/MASTER[/DB]";
  const std::string port = "the port must be a number from 1 to 65535" + redis;
  const std::string known =
      "; known are memory, sqlite, redis, rediss, redis+unix, redis+sentinel, rediss+sentinel, "
      "redis+cluster, rediss+cluster";
  struct Row {
    std::string_view url;
    std::string message;
  };
  const Row rows[] = {
      {"", "it begins with no known scheme" + known},
      {"localhost:6379", "it begins with no known scheme" + known},
      {"reddis://h", "unknown scheme 'reddis'; did you mean 'redis'?" + known},
      {"http://h", "unknown scheme 'http'" + known},
      {"p@ss://h", "it begins with no known scheme" + known},
      {"memory:x", "nothing may follow 'memory:'; write memory:"},
      {"sqlite:", "the path is missing; write sqlite:PATH"},
      {"sqlite://", "a path begins with one '/' or none; write sqlite:PATH"},
      {"sqlite://rz.db", "a path begins with one '/' or none; write sqlite:PATH"},
      {"sqlite::memory:", "for a store in memory write memory:; write sqlite:PATH"},
      {"redis:h", "'//' is missing after the scheme" + redis},
      {"redis://", "the host is missing" + redis},
      {"redis:///0", "the host is missing" + redis},
      {"redis://:6379", "the host is missing" + redis},
      {"redis://u:p@", "the host is missing" + redis},
      {"redis://h:", port},
      {"redis://h:0", port},
      {"redis://h:65536", port},
      {"redis://h:-1", port},
      {"redis://h:+1", port},
      {"redis://h:6379x", port},
      {"redis://h:99999999999999999999", port},
      {"redis://::1", "an IPv6 address stands in brackets, as [::1]" + redis},
      {"redis://h:1:2", "an IPv6 address stands in brackets, as [::1]" + redis},
      {"redis://[::1", "']' is missing after the address" + redis},
      {"redis://[]", "the host is missing" + redis},
      {"redis://[::1]6379", port},
      {"redis://a b", "the host holds a character that a host name cannot have" + redis},
      {"redis://a,b", "it names more than one host" + redis},
      {"redis://h/x", "the database must be a number, 0 or more" + redis},
      {"redis://h/-1", "the database must be a number, 0 or more" + redis},
      {"redis://h/1/2", "the database must be a number, 0 or more" + redis},
      {"redis://h/99999999999", "the database must be a number, 0 or more" + redis},
      {"redis://h?db=1",
       "it has an unknown parameter after '?' (in a password write '?' as %3F)" + redis},
      {"redis://u%4:p@h",
       "a '%' in the user name is not followed by two hexadecimal digits (write '%' as %25)" +
           redis},
      {"redis://u:%zz@h",
       "a '%' in the password is not followed by two hexadecimal digits (write '%' as %25)" +
           redis},
      {"redis://u:%@h",
       "a '%' in the password is not followed by two hexadecimal digits (write '%' as %25)" +
           redis},
      {"redis://u%00:p@h", "the user name holds a control character" + redis},
      {"redis+unix://run/s", "the path of the socket must begin with '/'" + unix_socket},
      {"redis+unix://", "the path of the socket must begin with '/'" + unix_socket},
      {"redis+unix:///s%0a", "the path holds a control character" + unix_socket},
      {"redis+unix:///s%",
       "a '%' in the path is not followed by two hexadecimal digits (write '%' "
       "as %25)" +
           unix_socket},
      {"redis://h?verify=false",
       "it has an unknown parameter after '?' (in a password write '?' as %3F)" + redis},
      {"rediss://h?verify=no", "verify must be true or false" + rediss},
      {"rediss://h?ca=ca.pem", "the path of a file after '?' must begin with '/'" + rediss},
      {"rediss://h?ca=/a%0a", "the path of a file holds a control character" + rediss},
      {"rediss://h?ca=/a&&",
       "it has an unknown parameter after '?' (in a password write '?' as %3F)" + rediss},
      {"redis+unix:///s?db=", "the database must be a number, 0 or more" + unix_socket},
      {"redis+unix:///s?x=1",
       "it has an unknown parameter after '?' (in a password write '?' as %3F)" + unix_socket},
      {"redis+sentinel://a", "the name of the master is missing" + sentinel},
      {"redis+sentinel://a,,b/m", "the host is missing" + sentinel},
      {"redis+sentinel://a/%01", "the name of the master holds a control character" + sentinel},
      {"redis+cluster://a/0",
       "a cluster has no databases; write redis+cluster://HOST:PORT,HOST:PORT"},
      {"redis://h\n", "it holds a control character (in a password write it as %XX)"},
      {std::string_view("redis://h\0x", 11),
       "it holds a control character (in a password write it as %XX)"},
      {"redis://h\x7f", "it holds a control character (in a password write it as %XX)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    const auto url = parse_storage_url(row.url);
    REQUIRE_FALSE(url.has_value());
    CHECK(url.error().code == ErrorCode::invalid_argument);
    CHECK(url.error().message == "wrong storage URL: " + row.message);
    CHECK(url.error().where == "");
  }
}

TEST_CASE("of what is not a URL only a known scheme is shown") {
  CHECK(redact_url("") == "");
  CHECK(redact_url("hunter2") == "***");
  CHECK(redact_url("redis://:hunter2@") == "redis://***");
  CHECK(redact_url("valkey://h:hunter2") == "redis://***");
  CHECK(redact_url("hunter2://x") == "***");
  CHECK(redact_url("redis://h?password=hunter2") == "redis://***");
}

/// A password that nothing else in a URL looks like, as people write it: encoded or raw.
rc::Gen<std::string> any_password() {
  return rc::gen::map(rc::gen::container<std::string>(
                          rc::gen::oneOf(rc::gen::inRange<char>(33, 126),
                                         rc::gen::element('@', '/', ':', '%', '?', '#', '[', ' '))),
                      [](std::string text) { return "S3" + std::move(text) + "cr3t"; });
}

bool reveals(std::string_view text) {
  return text.find("S3") != std::string_view::npos || text.find("cr3t") != std::string_view::npos;
}

TEST_CASE("no message and no redacted URL shows a password, however the URL is broken") {
  CHECK(rc::check("the password is hidden", [] {
    const std::string scheme = *rc::gen::element<std::string>(
        "redis://", "rediss://", "redis+unix://", "redis+sentinel://", "redis+cluster://",
        "valkey://", "redis:/", "redis", "");
    const std::string user = *rc::gen::element<std::string>("", "me", "a%40b", "%", "a b");
    // A socket's path may itself hold an '@', but only behind its first '/'.
    const std::string rest =
        scheme == "redis+unix://"
            ? *rc::gen::element<std::string>("/", "/run/s", "/run/s?db=1", "/s?x", "/s%")
            : *rc::gen::element<std::string>("h", "h:6379/0", "h:x", "", "/", "/run/s", "[::1",
                                             "a,b/m", "h/x?db=1", "h@", "\n");
    const std::string url = scheme + user + ":" + *any_password() + "@" + rest;
    RC_ASSERT(!reveals(redact_url(url)));
    const auto parsed = parse_storage_url(url);
    if (!parsed) RC_ASSERT(!reveals(to_string(parsed.error())));
    if (parsed) RC_ASSERT(!reveals(redact(*parsed)));
  }));
}

TEST_CASE("an '@' in the path of a socket is not the end of the userinfo") {
  StorageUrl url;
  url.kind = Kind::redis_unix;
  url.user = "u";
  url.path = "/a@/b";
  CHECK(redact(url) == "redis+unix://u@/a%40/b");
  const auto again = parse_storage_url(redact(url));
  REQUIRE(again.has_value());
  CHECK(again->user == "u");
  CHECK(again->path == "/a@/b");
}

TEST_CASE("what redact shows is the URL again, less its password") {
  CHECK(rc::check("redacting keeps the rest", [] {
    StorageUrl url;
    url.kind =
        *rc::gen::element(Kind::redis, Kind::redis_unix, Kind::redis_sentinel, Kind::redis_cluster);
    url.tls = url.kind != Kind::redis_unix && *rc::gen::arbitrary<bool>();
    const auto name = rc::gen::container<std::string>(rc::gen::inRange<char>(32, 126));
    url.user = *name;
    if (url.kind == Kind::redis_unix) {
      url.path = "/" + *name;
    } else {
      url.hosts.emplace_back(*rc::gen::element<std::string>("h", "a-b.c", "::1", "10.0.0.1"),
                             *rc::gen::inRange<std::uint16_t>(1, 65'535));
    }
    if (url.kind == Kind::redis_sentinel) url.master = "m" + *name;
    if (url.kind != Kind::redis_cluster) url.database = *rc::gen::inRange(0, 1'000'000);
    const auto again = parse_storage_url(redact(url));
    RC_ASSERT(again.has_value());
    RC_ASSERT(shown(*again) == shown(url));
  }));
}

TEST_CASE("what a URL says about TLS") {
  const auto url = parse_storage_url(
      "rediss://me:pw@h/1?ca=/etc/ssl/my%20ca.pem&cert=/c.pem&key=/"
      "k.pem&server_name=redis.internal&"
      "verify=true");
  REQUIRE(url);
  CHECK(url->database == 1);
  CHECK(url->tls_parameters.ca == "/etc/ssl/my ca.pem");
  CHECK(url->tls_parameters.cert == "/c.pem");
  CHECK(url->tls_parameters.key == "/k.pem");
  CHECK(url->tls_parameters.server_name == "redis.internal");
  CHECK(url->tls_parameters.verify == true);
  CHECK(parse_storage_url("rediss://h?verify=false")->tls_parameters.verify == false);
  CHECK_FALSE(parse_storage_url("rediss://h")->tls_parameters.verify.has_value());
  CHECK(parse_storage_url("rediss+cluster://h?ca=/ca")->tls_parameters.ca == "/ca");
  CHECK(parse_storage_url("rediss+sentinel://h/m?ca=/ca")->tls_parameters.ca == "/ca");
}

/// Sets a variable of the environment for a while.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST_CASE("the default store stands in the state folder") {
  const Environment state("XDG_STATE_HOME", "/state");
  CHECK(default_storage_url() == "sqlite:/state/rz/rz.db");
  const Environment relative("XDG_STATE_HOME", "state");
  CHECK(default_storage_url() != "sqlite:state/rz/rz.db");
}

TEST_CASE("a home or a state folder that is the root, or ends in a slash") {
  {
    const Environment state("XDG_STATE_HOME", "/");
    CHECK(default_storage_url() == "sqlite:/rz/rz.db");
    CHECK(parse_storage_url(*default_storage_url()));
  }
  const Environment state("XDG_STATE_HOME", "/state//");
  CHECK(default_storage_url() == "sqlite:/state/rz/rz.db");
}

TEST_CASE("~ is the home folder") {
  const auto path_of = [](const char* url) {
    const auto parsed = parse_storage_url(url);
    return parsed ? parsed->path : to_string(parsed.error());
  };
  {
    const Environment home("HOME", "/home/me");
    CHECK(path_of("sqlite:~/x.db") == "/home/me/x.db");
    CHECK(redact_url("sqlite:~/x.db") == "sqlite:/home/me/x.db");
    CHECK(path_of("sqlite:~x.db") == "~x.db");
    CHECK(path_of("sqlite:a/~/x.db") == "a/~/x.db");
  }
  {
    const Environment home("HOME", "/");
    CHECK(path_of("sqlite:~/x.db") == "/x.db");
  }
  const Environment none("HOME", nullptr);
  CHECK(path_of("sqlite:~/x.db") ==
        "wrong storage URL: '~' is the home folder, but HOME is not set; write sqlite:PATH");
}

}  // namespace
}  // namespace rz::storage
