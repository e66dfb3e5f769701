// RedisStorage on real servers that refuse, stall, die and lose their memory.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rz/storage/redis/redis_storage.h"
#include "storage/child_process.h"
#include "storage/redis/redis_support.h"
#include "storage/storage_calls.h"
#include "storage/storage_contract_support.h"
#include "support/http_server.h"
#include "support/print.h"
#include "support/redis_server.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using test::RedisServer;
using Stored = std::unique_ptr<Storage>;
using Content = std::optional<std::string>;

StorageOptions options_of(const std::string& url) {
  return {.url = url, .timeout = Millis{5'000}, .max_retries = 0};
}

Stored open(const StorageOptions& options) { return ok(RedisStorage::from_config(options)); }
Stored open(const std::string& url) { return open(options_of(url)); }

/// The error that `result` must be. It does not show the password.
template <class T>
Error refusal_of(const Result<T>& result) {
  const Error error = error_of(result);
  CHECK(to_string(error).find(kPassword) == std::string::npos);
  return error;
}

/// What each call answers to a server that refuses or is not there.
std::vector<Error> refusals(Storage& storage) {
  const std::vector<Error> errors = errors_of_all_calls(storage);
  REQUIRE(errors.size() == kAllCalls);
  for (const Error& error : errors) CHECK(to_string(error).find(kPassword) == std::string::npos);
  return errors;
}

TEST_CASE("no password, or a wrong one: every call is an error of auth, at once") {
  const RedisServer server({.password = kPassword});
  const std::string plain = "redis://127.0.0.1:" + std::to_string(server.port()) + "/0";
  for (const std::string& url : {plain, server.url(":hunter22"), server.url("me:hunter2")}) {
    CAPTURE(url);
    ManualClock clock;
    const auto storage = ok(RedisStorage::from_config({.url = url}, clock));
    for (const Error& error : refusals(*storage)) {
      CHECK(error.code == ErrorCode::auth);
      CHECK(error.where == redact_url(url));
    }
    CHECK(clock.monotonic() == std::chrono::nanoseconds{0});
  }
}

TEST_CASE("the password may come from beside the URL, and the URL's own wins") {
  const RedisServer server({.password = kPassword});
  const std::string plain = "redis://127.0.0.1:" + std::to_string(server.port());
  StorageOptions options = options_of(plain);
  options.password = kPassword;
  CHECK(open(options)->health_check());
  options.url = "redis://default@" + plain.substr(8);
  CHECK(open(options)->health_check());
  options.url = server.url(":wrong");
  CHECK(code_of(open(options)->health_check()) == ErrorCode::auth);
}

TEST_CASE("a user who may not do all: which right is missing, and nothing half-done") {
  RedisServer server;
  server.command({"SET", "removed", "stays"});
  const auto commit_as = [&](const std::vector<std::string>& rights) {
    std::vector<std::string> user = {"ACL", "SETUSER", "me", "reset", "on", ">hunter2"};
    user.insert(user.end(), rights.begin(), rights.end());
    REQUIRE(server.command(user).text == "OK");
    const Stored storage = open(server.url("me:hunter2"));
    const Error error = refusal_of(storage->commit(Batch()
                                                       .expect_absent("key")
                                                       .set("key", "value")
                                                       .remove("removed")
                                                       .append("log", TimePoint{}, "record")));
    CHECK(error.code == ErrorCode::auth);
    CHECK(server.command({"KEYS", "*"}).elements.size() == 1);
    CHECK(server.command({"GET", "removed"}).text == "stays");
    return error.message;
  };
  const std::string rights =
      "; rz needs ~PREFIX* +@read +@write +@scripting +@connection (ACL SETUSER), with the prefix "
      "of its keys";
  const std::string script = "the user may not run the commands of a script (NOPERM)" + rights;
  const std::string keys = "the user may not use the keys of EVALSHA (NOPERM)" + rights;
  CHECK(commit_as({"~*", "+@all", "-get"}) == script);
  CHECK(commit_as({"~*", "+@all", "-set"}) == script);
  CHECK(commit_as({"~*", "+@all", "-del"}) == script);
  CHECK(commit_as({"~*", "+@all", "-zadd"}) == script);
  CHECK(commit_as({"~*", "+@all", "-evalsha"}) == "the user may not run EVALSHA (NOPERM)" + rights);
  CHECK(commit_as({"~key", "~removed", "~log*", "+@all"}) == keys);
  CHECK(commit_as({"%R~*", "+@all"}) == keys);
  const Stored storage = open(server.url("me:hunter2"));
  CHECK(storage->get("removed"));
  CHECK(code_of(storage->set("key", "value")) == ErrorCode::auth);
}

TEST_CASE("a user who may run no scripts can decide nothing, which a probe says") {
  RedisServer server;
  const std::vector<std::string> user = {"ACL",      "SETUSER", "me",    "reset",      "on",
                                         ">hunter2", "~*",      "+@all", "-@scripting"};
  REQUIRE(server.command(user).text == "OK");
  const Stored storage = open(server.url("me:hunter2"));
  REQUIRE(storage->set("key", "value"));
  const auto found = storage->probe();
  REQUIRE(found);
  CHECK(found->write_error.value_or(Error{}).code == ErrorCode::auth);
}

TEST_CASE("a user who may not do all: of many sets at once, none is done") {
  const RedisServer server;
  Batch batch;
  for (int i = 0; i < 100; ++i) batch.set("key" + std::to_string(i), "value", Millis{60'000});
  const auto without = [&](const std::string& missing) {
    REQUIRE(
        server.command({"ACL", "SETUSER", "me", "reset", "on", ">hunter2", "~*", "+@all", missing})
            .text == "OK");
    return open(server.url("me:hunter2"));
  };
  CHECK(refusal_of(without("-set")->commit(batch)).code == ErrorCode::auth);
  CHECK(server.command({"DBSIZE"}).integer == 0);
  // Who may not run MULTI is served by a script, which has more to ask for.
  CHECK(without("-multi")->commit(batch) == Commit::done);
  CHECK(server.command({"DBSIZE"}).integer == 100);
  server.command({"FLUSHDB"});
  batch.expect_absent("another");
  for (const char* missing : {"-mset", "-pexpire", "-set"}) {
    CAPTURE(missing);
    CHECK(refusal_of(without(missing)->commit(batch)).code == ErrorCode::auth);
    CHECK(server.command({"DBSIZE"}).integer == 0);
  }
}

TEST_CASE("nobody listens") {
  const test::ClosedPort closed;
  const Stored storage =
      open("redis://me:hunter2@127.0.0.1:" + std::to_string(closed.port()) + "/0");
  for (const Error& error : refusals(*storage)) {
    CHECK(error.code == ErrorCode::unavailable);
    CHECK(error.message ==
          "cannot connect: Connection refused; is Redis running there, and does it listen on this "
          "address?");
  }
}

TEST_CASE("a server that hangs is given up within the timeout, and used again when it is back") {
  RedisServer server({.unix_socket = true});
  for (const std::string& url : {server.url(), server.socket_url()}) {
    CAPTURE(url);
    StorageOptions options = options_of(url);
    options.timeout = Millis{40};
    const Stored storage = open(options);
    // On a slow machine 40 ms may be too little for an answer, too.
    while (!storage->set("key", "value")) {
    }
    server.pause();
    for (const Error& error : refusals(*storage)) {
      CHECK(error.code == ErrorCode::timeout);
      INFO(error.message);
      // Its kernel still accepts connections; on a slow machine that may take longer, too.
      const std::string_view rest = " within 40ms; is the server reachable? see storage.timeout";
      CHECK((error.message.starts_with("no answer" + std::string(rest)) ||
             error.message.starts_with("no connection" + std::string(rest))));
      CHECK(error.where == url);
    }
    server.resume();
    // What was sent may still be carried out. The connection of it is not used again.
    Result<Content> value;
    do {
      value = storage->get("key");
    } while (!value);
    CHECK(value == Content("value"));
  }
}

TEST_CASE("a server that was killed and is back: no call fails, whatever it is") {
  RedisServer server({.config = {"appendonly yes", "appendfsync always"}});
  const Stored storage = open(server.url());
  const std::vector<std::function<bool()>> calls = {
      [&] { return storage->increment("n").has_value(); },
      [&] { return storage->set("key", "value").has_value(); },
      [&] { return storage->get("key") == Content("value"); },
      [&] { return storage->commit(Batch().expect("key", "value").remove("key")) == Commit::done; },
      [&] { return storage->remove("key") == false; }};
  for (const auto& call : calls) {
    server.kill();
    CHECK(code_of(storage->get("n")) == ErrorCode::unavailable);
    server.start();
    CHECK(call());
    server.kill();
    server.start();
    CHECK(storage->exists("n") == true);
  }
  CHECK(storage->get("n") == Content("1"));
}

TEST_CASE("a server that is being started again is waited for, inside the deadline") {
  RedisServer server;
  StorageOptions options = options_of(server.url());
  options.max_retries = 1'000;
  options.retry_delay = Millis{5};
  options.deadline = Millis{60'000};
  const Stored storage = open(options);
  REQUIRE(storage->set("key", "value"));
  server.kill();
  std::thread other([&] { CHECK(storage->increment("n") == 1); });
  server.start();
  other.join();
}

TEST_CASE("a server that forgot its scripts is sent them again") {
  const RedisServer server;
  const Stored storage = open(server.url());
  for (int i = 0; i < 3; ++i) {
    CHECK(storage->commit(Batch().set("key", std::to_string(i))) == Commit::done);
    CHECK(ok(storage->increment("n" + std::to_string(i), 1, kLongLife)) == 1);
    REQUIRE(server.command({"SCRIPT", "FLUSH"}).text == "OK");
  }
}

TEST_CASE("the hashes of the scripts are right, so that they are sent whole once only") {
  const RedisServer server;
  for (const RedisScript& script :
       {kIncrementScript, kCommitScript, kReadScript, kForgetScript, kProbeScript}) {
    CHECK(server.command({"SCRIPT", "LOAD", std::string(script.source)}).text == script.sha1);
  }
}

TEST_CASE("a replica is not written to, and says so") {
  const RedisServer master;
  const RedisServer replica({.config = {"replicaof 127.0.0.1 " + std::to_string(master.port())}});
  const Stored storage = open(replica.url());
  CHECK(storage->get("key"));
  CHECK(storage->read_only().value_or(Error{}).code == ErrorCode::unavailable);
  const Stored at_master = open(master.url());
  CHECK(at_master->get("key"));
  CHECK_FALSE(at_master->read_only());
  const std::string message =
      "the server is a read-only replica (READONLY); name its master in the URL, or its sentinels "
      "(redis+sentinel://)";
  CHECK(refusal_of(storage->set("key", "value")).message == message);
  CHECK(refusal_of(storage->remove("key")).message == message);
  CHECK(refusal_of(storage->increment("key")).message == message);
  CHECK(refusal_of(storage->increment("key", 1, kLongLife)).message == message);
  CHECK(refusal_of(storage->commit(Batch().set("key", "value"))).message == message);
  CHECK(refusal_of(storage->commit(Batch().remove("key"))).message == message);
  CHECK(storage->get("key"));
  CHECK(storage->read_log("log", {}));
}

TEST_CASE("a server that has no memory left: nothing is half-written") {
  const RedisServer server;
  const Stored storage = open(server.url());
  REQUIRE(storage->set("kept", "value"));
  REQUIRE(server.command({"CONFIG", "SET", "maxmemory", "1"}).text == "OK");
  const std::string message =
      "the server has used up its memory and refuses writes (OOM); free some, or raise maxmemory";
  CHECK(refusal_of(storage->set("key", "value")).message == message);
  CHECK(refusal_of(storage->increment("n", 1, kLongLife)).message == message);
  CHECK(refusal_of(storage->commit(Batch().remove("kept").set("key", "value"))).message == message);
  CHECK(refusal_of(storage->commit(Batch().append("log", TimePoint{}, "x"))).message == message);
  CHECK(refusal_of(storage->commit(Batch().set("a", "1", kLongLife).set("b", "2"))).message ==
        message);
  CHECK(storage->get("kept") == Content("value"));
  CHECK(storage->commit(Batch().remove("kept")) == Commit::done);
  CHECK(server.command({"DBSIZE"}).integer == 0);
}

TEST_CASE("more connections than the server takes") {
  const RedisServer server;
  const Stored storage = open(server.url());
  REQUIRE(storage->health_check());
  REQUIRE(server.command({"CONFIG", "SET", "maxclients", "1"}).text == "OK");
  // The server may close before its last words are read.
  const Error error = refusal_of(open(server.url())->health_check());
  CHECK(error.code == ErrorCode::unavailable);
  CHECK(storage->health_check());
}

TEST_CASE("a key that holds something else than a string") {
  const RedisServer server;
  const Stored storage = open(server.url());
  server.command({"HSET", "hash", "field", "value"});
  const Error error{
      ErrorCode::corrupt,
      "holds another type than a string (WRONGTYPE); remove it, or keep rz's keys apart with "
      "storage.key_prefix",
      server.url() + ": key 'hash'"};
  CHECK(refusal_of(storage->get("hash")) == error);
  CHECK(refusal_of(storage->increment("hash")) == error);
  CHECK(refusal_of(storage->increment("hash", 1, kLongLife)) == error);
  CHECK(refusal_of(storage->commit(Batch().expect("hash", "x").set("key", "1"))) == error);
  CHECK(refusal_of(storage->commit(Batch().expect_absent("hash").set("key", "1"))) == error);
  CHECK(ok(scan_all_keys(*storage, "*")).empty());

  server.command({"HSET", "log:0.000000", "field", "value"});
  CHECK(code_of(storage->commit(Batch().set("key", "1").append("log", TimePoint{}, "x"))) ==
        ErrorCode::corrupt);
  server.command({"SET", "rz:log:log", "no index"});
  CHECK(refusal_of(storage->commit(Batch().set("key", "1").remove("other").append("log", {}, "x")))
            .where == server.url() + ": key 'log:0.000000'");
  server.command({"DEL", "log:0.000000"});
  const Error index_error{
      ErrorCode::corrupt,
      "is the index of a log and must be a sorted set, but holds another type (WRONGTYPE); remove "
      "it, and 'rz transitions reindex' makes it anew from the records",
      server.url() + ": key 'rz:log:log'"};
  CHECK(refusal_of(storage->commit(
            Batch().set("key", "1").remove("other").append("log", {}, "x"))) == index_error);
  CHECK(refusal_of(storage->read_log("log", {})) == index_error);
  CHECK(refusal_of(storage->read_log("log", {.newest_first = true})) == index_error);
  CHECK(refusal_of(ok(storage->read_together({.logs = {"log"}})).logs[0]) == index_error);
  server.command({"SET", "rz:collection:family:", "no index"});
  const Error collection_error{
      ErrorCode::corrupt,
      "is the index of a collection and must be a set, but holds another type (WRONGTYPE); remove "
      "it, and the next reader makes it anew",
      server.url() + ": key 'rz:collection:family:'"};
  CHECK(refusal_of(storage->read_collection("family:")) == collection_error);
  CHECK(refusal_of(storage->commit(Batch().set("key", "1").set_member("family:", "a", "x"))) ==
        collection_error);
  CHECK_FALSE(ok(storage->exists("key")));

  REQUIRE(storage->set("hash", "now a string"));
  CHECK(ok(storage->get("hash")) == "now a string");
}

TEST_CASE("a database that the server does not have") {
  const RedisServer server({.config = {"databases 2"}});
  const std::string base = "redis://127.0.0.1:" + std::to_string(server.port());
  REQUIRE(open(base + "/1")->set("key", "1"));
  CHECK(ok(open(base + "/0")->get("key")) == std::nullopt);
  CHECK(ok(open(base + "/1")->get("key")) == "1");
  const Error error = refusal_of(open(base + "/2")->set("key", "2"));
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.message.starts_with("the server has no database of that number"));
  CHECK(error.where == base + "/2");
}

TEST_CASE("processes race for an epoch: one wins each, and none is lost") {
  const RedisServer server;
  constexpr int kProcesses = 8;
  constexpr int kEpochs = 20;
  REQUIRE(open(server.url())->set("epoch", "0"));
  const int clean = race_processes(kProcesses, [&](int process) {
    const auto mine = RedisStorage::from_config({.url = server.url()});
    if (!mine) return 1;
    for (;;) {
      const auto epoch = (*mine)->get("epoch");
      if (!epoch || !*epoch) return 2;
      const int current = std::stoi(**epoch);
      if (current == kEpochs) return 0;
      const auto won = (*mine)->commit(
          Batch()
              .expect("epoch", **epoch)
              .set("epoch", std::to_string(current + 1))
              .append("transitions", TimePoint{Micros{current}}, std::to_string(process)));
      if (!won) return 3;
      if (*won == Commit::done && !(*mine)->increment("wins")) return 4;
    }
  });
  CHECK(clean == kProcesses);
  const Stored storage = open(server.url());
  CHECK(ok(storage->get("wins")) == std::to_string(kEpochs));
  CHECK(ok(storage->read_log("transitions", {})).size() == kEpochs);
}

}  // namespace
}  // namespace rz::storage
