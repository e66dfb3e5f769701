#include "rz/storage/redis/redis_error.h"

#include <doctest/doctest.h>

#include <string>

#include "support/print.h"

namespace rz::storage {
namespace {

RedisReply error_reply(std::string text) {
  return {.type = RedisReply::Type::error, .text = std::move(text)};
}

TEST_CASE("what each error reply means") {
  struct Row {
    const char* reply;  ///< As Redis 6 and 7 word it.
    ErrorCode code;
    bool transient;
    const char* begins;
  };
  constexpr auto unavailable = ErrorCode::unavailable;
  const Row rows[] = {
      {"NOAUTH Authentication required.", ErrorCode::auth, false,
       "the server wants a password; put it into the URL"},
      {"DENIED Redis is running in protected mode because …", ErrorCode::auth, false,
       "the server runs in protected mode"},
      {"NOPERM this user has no permissions to run the 'get' command", ErrorCode::auth, false,
       "the user may not run GET (NOPERM); rz needs "},
      {"NOPERM this user has no permissions to access one of the keys used as arguments",
       ErrorCode::auth, false, "the user may not use the keys of GET (NOPERM); rz needs "},
      {"ERR The user executing the script can't run this command or subcommand", ErrorCode::auth,
       false, "the user may not run the commands of a script (NOPERM); rz needs "},
      {"ERR The user executing the script can't access at least one of the keys mentioned in the "
       "command arguments",
       ErrorCode::auth, false, "the user may not use the keys of GET (NOPERM); rz needs "},
      {"LOADING Redis is loading the dataset in memory", unavailable, true,
       "the server is loading its data (LOADING); "},
      {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
       unavailable, true, "the server is a replica that has lost its master"},
      {"READONLY You can't write against a read only replica.", unavailable, false,
       "the server is a read-only replica (READONLY); name its master in the URL"},
      {"OOM command not allowed when used memory > 'maxmemory'.", unavailable, false,
       "the server has used up its memory"},
      {"MISCONF Redis is configured to save RDB snapshots, but …", unavailable, false,
       "the server cannot save to its disk"},
      {"NOREPLICAS Not enough good replicas to write.", unavailable, true,
       "the server has too few replicas"},
      {"BUSY Redis is busy running a script.", unavailable, true,
       "a script blocks the server (BUSY); "},
      {"CLUSTERDOWN The cluster is down", unavailable, true, "the cluster is down"},
      {"TRYAGAIN Multiple keys request during rehashing of slot", unavailable, true,
       "the cluster is moving these keys"},
      {"MOVED 3999 127.0.0.1:6381", ErrorCode::unsupported, false,
       "the server is one node of a cluster"},
      {"ASK 3999 127.0.0.1:6381", ErrorCode::unsupported, false,
       "the server is one node of a cluster"},
      {"CROSSSLOT Keys in request don't hash to the same slot", ErrorCode::invalid_argument, false,
       "the keys are in several slots of the cluster (CROSSSLOT); give storage.key_prefix a hash "
       "tag"},
      {"ERR This instance has cluster support disabled", ErrorCode::invalid_argument, false,
       "is not a node of a cluster; write redis://"},
      {"WRONGTYPE Operation against a key holding the wrong kind of value", ErrorCode::corrupt,
       false, "holds another type than a string (WRONGTYPE); "},
      {"ERR value is not an integer or out of range", ErrorCode::invalid_argument, false,
       "holds no 64-bit integer; remove it or count under another key"},
      {"ERR increment or decrement would overflow", ErrorCode::invalid_argument, false,
       "the sum does not fit into 64 bits"},
      {"ERR DB index is out of range", ErrorCode::invalid_argument, false,
       "the server has no database of that number"},
      {"ERR max number of clients reached", unavailable, true,
       "the server takes no more connections"},
      {"ERR unknown command 'GET', with args beginning with: 'secret' ", ErrorCode::unsupported,
       false, "the server does not know GET; rz needs Redis 6 or newer, with no command renamed"},
      {"ERR syntax error", unavailable, false, "the server refuses GET: ERR syntax error"},
      {"SOMETHING new \x1b[31m", unavailable, false,
       "the server refuses GET: SOMETHING new \\x1b[31m"},
      {"", unavailable, false, "the server refuses GET: "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.reply);
    const RedisFailure failure = translate_reply(error_reply(row.reply), "GET");
    CHECK(failure.error.code == row.code);
    CHECK(failure.transient == row.transient);
    CHECK_FALSE(failure.maybe_done);
    CAPTURE(failure.error.message);
    CHECK(failure.error.message.starts_with(row.begins));
    CHECK(failure.error.where == "");
    CHECK(failure.error.message.find("secret") == std::string::npos);
  }
}

TEST_CASE("rights that only some ways of running Redis need") {
  const RedisReply reply = error_reply("NOPERM this user has no permissions to run the command");
  CHECK(translate_reply(reply, "ROLE").error.message ==
        "the user may not run ROLE (NOPERM); here rz needs +role as well (ACL SETUSER)");
  CHECK(translate_reply(reply, "SELECT").error.message ==
        "the user may not run SELECT (NOPERM); here rz needs +select as well (ACL SETUSER)");
  CHECK(translate_reply(reply, "WAIT").error.message ==
        "the user may not run WAIT (NOPERM); here rz needs +wait as well (ACL SETUSER)");
  CHECK(translate_reply(reply, "CLUSTER").error.message ==
        "the user may not run CLUSTER (NOPERM); here rz needs +cluster|slots +cluster|info as well "
        "(ACL SETUSER)");
}

TEST_CASE("a long error is shown in part") {
  const std::string message =
      translate_reply(error_reply("ERR " + std::string(5'000, 'x')), "GET").error.message;
  CHECK(message.size() < 300);
  CHECK(message.ends_with("…"));
}

TEST_CASE("the code is the whole first word") {
  CHECK(is_redis_error(error_reply("NOSCRIPT No matching script."), "NOSCRIPT"));
  CHECK(is_redis_error(error_reply("NOSCRIPT"), "NOSCRIPT"));
  CHECK_FALSE(is_redis_error(error_reply("NOSCRIPTS"), "NOSCRIPT"));
  CHECK_FALSE(is_redis_error({.type = RedisReply::Type::string, .text = "NOSCRIPT x"}, "NOSCRIPT"));
}

TEST_CASE("why AUTH failed, in no words of the server's") {
  const auto message = [](std::string reply, bool has_user, bool has_password) {
    const RedisFailure failure =
        translate_auth_reply(error_reply(std::move(reply)), has_user, has_password);
    CHECK_FALSE(failure.transient);
    CHECK(failure.error.code == ErrorCode::auth);
    CHECK(failure.error.message.find("hunter2") == std::string::npos);
    return failure.error.message;
  };
  const std::string wrong = "WRONGPASS invalid username-password pair or user is disabled.";
  CHECK(message(wrong, true, true) ==
        "the user name or the password is wrong, or the user is disabled (WRONGPASS)");
  CHECK(message(wrong, true, false) ==
        "the user needs a password (WRONGPASS); put it into the URL (redis://user:password@host), "
        "into REDISCLI_AUTH or into password_file");
  CHECK(message("ERR invalid password", false, true) == message(wrong, false, true));
  const std::string none = "a password is given, but the server has none; leave it out";
  CHECK(message("ERR AUTH <password> called without any password configured for the default user. "
                "Are you sure your configuration is correct?",
                false, true) == none);
  CHECK(message("ERR Client sent AUTH, but no password is set", false, true) == none);
  CHECK(message("ERR wrong number of arguments for 'auth' command", true, true) ==
        "the server is older than Redis 6 and knows no users; leave the user name out");
  CHECK(message("ERR unknown command 'AUTH', with args beginning with: 'hunter2'", false, true) ==
        "the server refuses AUTH; see its log");
  const RedisFailure full =
      translate_auth_reply(error_reply("ERR max number of clients reached"), false, true);
  CHECK(full.transient);
  CHECK(full.error.code == ErrorCode::unavailable);
}

TryLimit limit(Millis length, std::string_view option = "storage.timeout") {
  return TryLimit::from_now(length, option);
}

TEST_CASE("failures of the network, and whether the command may have been carried out") {
  const Error late{ErrorCode::timeout, "no answer in time", ""};
  const Error gone{ErrorCode::unavailable, "Connection refused", ""};
  const Error garbage{ErrorCode::corrupt, "the answer is not Redis' protocol: x", ""};
  const Error path{ErrorCode::invalid_argument, "too long", ""};

  RedisFailure failure = translate_connect_error(late, limit(Millis{5'000}), "hint");
  CHECK(failure.error == Error{ErrorCode::timeout,
                               "no connection within 5s; is the server reachable? see "
                               "storage.timeout",
                               ""});
  CHECK(failure.transient);
  failure = translate_connect_error(gone, limit(Millis{1}), "hint");
  CHECK(failure.error ==
        Error{ErrorCode::unavailable, "cannot connect: Connection refused; hint", ""});
  CHECK(failure.transient);
  CHECK_FALSE(translate_connect_error(path, limit(Millis{1}), "hint").transient);

  failure = translate_exchange_error(late, limit(Millis{250}), true);
  CHECK(failure.error ==
        Error{ErrorCode::timeout,
              "no answer within 250ms; is the server reachable? see storage.timeout", ""});
  CHECK(failure.transient);
  CHECK(failure.maybe_done);
  failure = translate_exchange_error(late, limit(Millis{250}, "its own timeout").share(1), true);
  CHECK(failure.error.message.ends_with("is the server reachable? see its own timeout"));
  failure = translate_exchange_error(gone, limit(Millis{1}), false);
  CHECK(failure.error ==
        Error{ErrorCode::unavailable, "the connection broke: Connection refused", ""});
  CHECK(failure.transient);
  CHECK_FALSE(failure.maybe_done);
  failure = translate_exchange_error(garbage, limit(Millis{1}), true);
  CHECK(failure.error.message == "the answer is not Redis' protocol: x; is this a Redis server?");
  CHECK_FALSE(failure.transient);
  CHECK(failure.maybe_done);
}

}  // namespace
}  // namespace rz::storage
