#include "rz/storage/redis/redis_reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "rz/storage/redis/redis_storage.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/redis_server.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using test::RedisServer;
using Strings = std::vector<std::string>;
using Members = std::vector<KeyValue>;

constexpr const char* kUser = "user rz on >p@ss ~* +@all";

/// A server, and a store on it whose keys have a prefix.
struct RedisReaderFixture {
  static RedisServer& server() {
    static RedisServer server({.config = {kUser}});
    return server;
  }

  RedisReaderFixture() {
    REQUIRE(server().command({"FLUSHALL"}).text == "OK");
    REQUIRE(
        server().command({"ACL", "SETUSER", "rz", "reset", "on", ">p@ss", "~*", "+@all"}).text ==
        "OK");
    storage = open();
  }

  static std::unique_ptr<Storage> open() {
    return ok(RedisStorage::from_config({.url = server().url("rz:p%40ss"),
                                         .timeout = test::kPatience,
                                         .deadline = test::kPatience,
                                         .key_prefix = "p:"}));
  }

  static Strings index() {
    Strings names;
    for (const RedisReply& name : server().command({"SMEMBERS", "p:rz:collection:c:"}).elements) {
      names.push_back(name.text);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  void put(const std::string& name, std::optional<Millis> expire = std::nullopt) const {
    REQUIRE(ok(storage->commit(Batch().set_member("c:", name, "v", expire))) == Commit::done);
  }

  std::unique_ptr<Storage> storage;
};

TEST_CASE_FIXTURE(RedisReaderFixture,
                  "what an earlier rz wrote is looked for once, whatever else is there") {
  server().command({"SET", "p:c:a", "1"});
  server().command({"SET", "p:c:b", "2"});
  Strings foreign{"MSET"};
  for (int i = 0; i < 5000; ++i) {
    foreign.push_back("f" + std::to_string(i));
    foreign.emplace_back("v");
  }
  REQUIRE(server().command(foreign).text == "OK");
  const std::int64_t first = server().trips_of([&] {
    CHECK(ok(storage->read_collection("c:")) == Members{{"c:a", "1"}, {"c:b", "2"}});
  });
  CHECK(first > 5);
  CHECK(index() == Strings{"", "a", "b"});
  put("d");
  const auto read = [&] { CHECK(ok(storage->read_collection("c:")).size() == 3); };
  CHECK(server().trips_of(read) == 1);
  // A greeting more.
  CHECK(server().trips_of([] { CHECK(ok(open()->read_collection("c:")).size() == 3); }) == 2);
}

TEST_CASE_FIXTURE(RedisReaderFixture, "several that are not complete cost one look at the keys") {
  REQUIRE(ok(storage->read_collection("c:")).empty());
  for (int i = 0; i < 1500; ++i) server().command({"SET", "p:d:" + std::to_string(i), "v"});
  const std::int64_t trips = server().trips_of([&] {
    const ReadAnswer answer = ok(storage->read_together({{}, {"d:a:", "d:"}}));
    CHECK(ok(answer.collections[0]).empty());
    CHECK(ok(answer.collections[1]).size() == 1500);
  });
  // The read, the keys in two pages, two indexes, and the values in two pages.
  CHECK(trips == 7);
}

TEST_CASE_FIXTURE(RedisReaderFixture,
                  "the mark does not outlive the index: what was lost with it is found") {
  for (const char* name : {"a", "b"}) put(name);
  REQUIRE(ok(storage->read_collection("c:")).size() == 2);
  server().command({"DEL", "p:rz:collection:c:"});
  put("d");
  CHECK(ok(storage->read_collection("c:")).size() == 3);
  CHECK(index() == Strings{"", "a", "b", "d"});
}

TEST_CASE_FIXTURE(RedisReaderFixture,
                  "who may not write the index reads its members all the same") {
  server().command({"SET", "p:c:a", "1"});
  server().command({"ACL", "SETUSER", "rz", "-sadd", "-srem"});
  for (int i = 0; i < 2; ++i) {
    CHECK(ok(open()->read_collection("c:")) == Members{{"c:a", "1"}});
  }
  CHECK(index().empty());
  // Nor can a member be written that nobody would find.
  CHECK(code_of(open()->commit(Batch().set_member("c:", "b", "2"))) == ErrorCode::auth);
  CHECK(server().command({"EXISTS", "p:c:b"}).integer == 0);
}

TEST_CASE_FIXTURE(RedisReaderFixture,
                  "names whose keys have gone are taken out once they are many") {
  REQUIRE(ok(storage->read_collection("c:")).empty());
  for (int i = 0; i < 16; ++i) put("x" + std::to_string(i));
  put("stays");
  for (int i = 0; i < 16; ++i) REQUIRE(ok(storage->remove("c:x" + std::to_string(i))));
  CHECK(ok(storage->read_collection("c:")).size() == 1);
  CHECK(index().size() == 18);
  put("x16");
  REQUIRE(ok(storage->remove("c:x16")));
  CHECK(ok(storage->read_collection("c:")) == Members{{"c:stays", "v"}});
  CHECK(index() == Strings{"", "stays"});
}

TEST_CASE_FIXTURE(RedisReaderFixture, "what is damaged says so itself, and the rest is read") {
  put("a");
  REQUIRE(ok(storage->read_collection("c:")).size() == 1);
  server().command({"LPUSH", "p:list", "x"});
  server().command({"SET", "p:rz:collection:d:", "no set"});
  server().command({"SET", "p:k", "v"});
  const ReadAnswer answer = ok(storage->read_together({{"list", "k"}, {"d:", "c:"}}));
  CHECK(error_of(answer.values[0]).code == ErrorCode::corrupt);
  CHECK(error_of(answer.values[0]).where.ends_with("key 'p:list'"));
  CHECK(ok(answer.values[1]) == "v");
  CHECK(error_of(answer.collections[0]).code == ErrorCode::corrupt);
  CHECK(error_of(answer.collections[0]).where.ends_with("key 'p:rz:collection:d:'"));
  CHECK(ok(answer.collections[1]).size() == 1);
}

TEST_CASE_FIXTURE(RedisReaderFixture, "a member of another type is damaged, and not absent") {
  for (const char* name : {"a", "b"}) put(name);
  const auto damaged = [&] {
    server().command({"DEL", "p:c:b"});
    server().command({"LPUSH", "p:c:b", "x"});
    return Members{{"c:a", "v"}, {"c:b", ""}};
  };
  // Both where the keys are looked for and where they are listed.
  for (int i = 0; i < 2; ++i) {
    const Members expected = damaged();
    CHECK(ok(storage->read_collection("c:")) == expected);
  }
}

TEST_CASE_FIXTURE(RedisReaderFixture,
                  "a server that can only be read tells all members, listed or not") {
  for (const char* name : {"a", "b"}) put(name);
  server().command({"CONFIG", "SET", "maxmemory", "1"});
  const auto members = storage->read_collection("c:");
  server().command({"CONFIG", "SET", "maxmemory", "0"});
  CHECK(ok(members).size() == 2);
}

TEST_CASE_FIXTURE(RedisReaderFixture, "an index that is no set is named, whoever meets it") {
  put("a");
  server().command({"DEL", "p:rz:collection:c:"});
  server().command({"SET", "p:rz:collection:c:", "x"});
  const Error read = error_of(storage->read_collection("c:"));
  const Error written = error_of(storage->commit(Batch().set("k", "v").set_member("c:", "a", "w")));
  for (const Error& error : {read, written}) {
    CHECK(error.code == ErrorCode::corrupt);
    CHECK(error.where.ends_with("key 'p:rz:collection:c:'"));
    CHECK(error.message.find("remove it, and the next reader makes it anew") != std::string::npos);
  }
  CHECK(ok(storage->get("c:a")) == "v");
  CHECK(ok(storage->get("k")) == std::nullopt);
}

TEST_CASE_FIXTURE(RedisReaderFixture, "the index of a collection is nobody's to write") {
  CHECK(code_of(storage->set("rz:collection:c:", "x")) == ErrorCode::invalid_argument);
  CHECK(code_of(storage->remove("rz:collection:c:")) == ErrorCode::invalid_argument);
}

TEST_CASE_FIXTURE(RedisReaderFixture,
                  "a probe is one trip, and tells a store that can only be read") {
  CHECK(ok(storage->probe()).write_error == std::nullopt);
  const auto probe = [&] { CHECK(ok(storage->probe()).write_error == std::nullopt); };
  CHECK(server().trips_of(probe) == 1);
  server().command({"CONFIG", "SET", "maxmemory", "1"});
  const StoreProbe full = ok(storage->probe());
  server().command({"CONFIG", "SET", "maxmemory", "0"});
  REQUIRE(full.write_error);
  CHECK(full.write_error->message.find("memory") != std::string::npos);
}

TEST_CASE_FIXTURE(RedisReaderFixture, "who may not run scripts is probed by single commands") {
  server().command({"ACL", "SETUSER", "rz", "-@scripting"});
  // Single keys can be written, but nothing can be decided.
  const auto error = ok(open()->probe()).write_error;
  REQUIRE(error);
  CHECK(error->message.starts_with("the user may not run EVALSHA (NOPERM)"));
  server().command({"ACL", "SETUSER", "rz", "-set"});
  CHECK(ok(open()->probe()).write_error.has_value());
  server().command({"ACL", "SETUSER", "rz", "-get"});
  CHECK(code_of(open()->probe()) == ErrorCode::auth);
}

}  // namespace
}  // namespace rz::storage
