// What a master alone has is lost in a failover: commits that say so wait for the replicas.
#include "rz/storage/redis/redis_replicas.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "rz/storage/redis/redis_storage.h"
#include "support/fake_redis.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/redis_groups.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using test::bulk;
using test::FakeRedis;
using test::FakeReply;
using Command = std::vector<std::string>;

const std::string kAlone = "what was written stands on the master, but a failover may lose it: ";
const std::string kSee = "; see INFO replication there";
const std::string kNoReplica = "*3\r\n$6\r\nmaster\r\n:9\r\n*0\r\n";
const std::string kOneReplica = "*3\r\n$9\r\n127.0.0.1\r\n$4\r\n6380\r\n$1\r\n9\r\n";
const std::string kTwoReplicas = "*3\r\n$6\r\nmaster\r\n:9\r\n*2\r\n" + kOneReplica + kOneReplica;

// What a sentinel knows: of three replicas, one is dead, and one is known by a name.
std::string known(const std::string& port) {
  return "*3\r\n*2\r\n" + bulk("flags") + bulk("s_down,slave") + "*6\r\n" + bulk("ip") +
         bulk("replica.internal") + bulk("port") + bulk("6379") + bulk("flags") + bulk("slave") +
         "*6\r\n" + bulk("ip") + bulk("127.0.0.1") + bulk("port") + bulk(port) + bulk("flags") +
         bulk("slave");
}

/// A master that answers so, and a sentinel or a node of a cluster that names it.
struct Group {
  Group(const std::string& role, const std::string& wait, const std::string& applied = ":1\r\n")
      : master(test::ok_to_greeting([=](const Command& command) {
          if (command[0] == "ROLE") return FakeReply{role};
          if (command[0] == "WAIT") return FakeReply{wait};
          return FakeReply{applied};
        })),
        sentinel(test::ok_to_greeting([this](const Command& command) {
          if (command[1] == "replicas") return FakeReply{known(port_of_replica)};
          const std::string port = deposed && asked++ > 0 ? "1" : master.address().substr(10);
          return FakeReply{"*2\r\n$9\r\n127.0.0.1\r\n$" + std::to_string(port.size()) + "\r\n" +
                           port + "\r\n"};
        })) {}

  Result<Commit> commit(bool replicated = true) {
    const auto storage = ok(RedisStorage::from_config(
        {.url = "redis+sentinel://" + sentinel.address() + "/main",
         // So that a slow machine does not cut the time that replicas have.
         .timeout = test::kPatience,
         .max_retries = 0,
         .deadline = test::kPatience}));
    Batch batch = Batch().expect_absent("other").set("key", "value");
    batch.replicated = replicated;
    return storage->commit(batch);
  }

  std::string port_of_replica = "6380";
  std::atomic<bool> deposed{false};  // The sentinel names another master when it is asked again.
  std::atomic<int> asked{0};
  FakeRedis master;
  FakeRedis sentinel;
};

TEST_CASE("a commit waits for all replicas that are connected, and only if it is to") {
  Group group(kTwoReplicas, ":2\r\n");
  CHECK(ok(group.commit(false)) == Commit::done);
  CHECK(group.master.commands().size() == 2);  // Of the role, when it connected.
  CHECK(ok(group.commit()) == Commit::done);
  CHECK(group.master.commands().back() == "WAIT 2 1000");
}

TEST_CASE("what the replicas do not confirm is an error, and done") {
  const auto message = [](const std::string& role, const std::string& wait) {
    const Error error = error_of(Group(role, wait).commit());
    CHECK(error.code == ErrorCode::timeout);
    const std::size_t start = error.message.find(kAlone);
    REQUIRE(start != std::string::npos);
    CHECK(error.message.ends_with(kSee + "; what was asked for may have been done"));
    const std::size_t from = start + kAlone.size();
    return error.message.substr(from, error.message.find(kSee) - from);
  };
  CHECK(message(kNoReplica, ":0\r\n") == "a replica that lives is not connected to the master");
  CHECK(message(kTwoReplicas, ":1\r\n") == "1 of 2 replicas confirmed it within 1s");
  CHECK(message(kTwoReplicas, ":-1\r\n") == "0 of 2 replicas confirmed it within 1s");
  CHECK(message(kTwoReplicas, "-NOPERM no\r\n").starts_with("whether they have it cannot"));
}

TEST_CASE("as many replicas as live are not enough if they are others") {
  Group group(kTwoReplicas, ":2\r\n");
  group.port_of_replica = "6381";
  CHECK(error_of(group.commit()).message.find("a replica that lives is not connected") !=
        std::string::npos);
}

TEST_CASE("a master that was deposed without knowing it confirms nothing, whoever follows it") {
  Group group(kTwoReplicas, ":2\r\n");
  group.deposed = true;
  const Error error = error_of(group.commit());
  CHECK(error.code == ErrorCode::unavailable);
  CHECK(error.message.find("has been deposed, though it does not know: the sentinels name another "
                           "master; what was asked for may have been done") != std::string::npos);
}

TEST_CASE("what was not applied waits for nobody") {
  Group group(kTwoReplicas, ":0\r\n", ":0\r\n");
  CHECK(ok(group.commit()) == Commit::refused);
  CHECK(group.master.commands().size() == 2);
}

// What came of a commit: `done`, or the message of its error.
std::string outcome(Storage& storage, const Batch& batch) {
  const auto done = storage.commit(batch);
  if (!done) return done.error().message;
  return *done == Commit::done ? "done" : "refused";
}

// Commits until that comes of it: on a slow machine a replica that lives takes longer to confirm
// than rz waits for it, and a sentinel longer to know who lives.
void commit_until(const std::string& wanted, Storage& storage, const Batch& batch) {
  const auto end = std::chrono::steady_clock::now() + test::kPatience;
  std::string last;
  while (std::chrono::steady_clock::now() < end) {
    last = outcome(storage, batch);
    if (last.find(wanted) != std::string::npos) return;
  }
  FAIL("waited in vain for '" << wanted << "', last: " << last);
}

TEST_CASE("replicas of a real master that live, hang and are gone") {
  test::SentinelGroup group(2);
  const auto storage = ok(RedisStorage::from_config({.url = group.url()}));
  Batch batch = Batch().expect_absent("other").set("key", "value");
  batch.replicated = true;
  commit_until("done", *storage, batch);
  for (int i = 1; i <= 2; ++i) {
    const auto value = group.server(i).command({"GET", "key"});
    CHECK(value.text == "value");
  }
  group.server(1).pause();
  commit_until("1 of 2 replicas confirmed it", *storage, batch);
  group.kill(group.server(1));
  // Until the sentinel takes it for dead, it might be made the master.
  group.wait_for_replicas(1);
  commit_until("done", *storage, batch);
  // A sentinel on a slow machine may have taken the master for dead meanwhile, too.
  const bool kept = &group.master() == &group.server(0);
  group.server(kept ? 2 : 0).kill();
  commit_until("a replica that lives is not connected", *storage, batch);
  batch.replicated = false;
  commit_until("done", *storage, batch);
}

TEST_CASE("a cluster without replicas has nobody to wait for, one that has lost them says so") {
  const auto commit_to = [](bool named) {
    std::unique_ptr<FakeRedis> node;
    node = std::make_unique<FakeRedis>(test::ok_to_greeting([&](const Command& command) {
      if (command[0] == "ROLE") return FakeReply{kNoReplica};
      if (command[0] != "CLUSTER") return FakeReply{":1\r\n"};
      const std::string self = "*2\r\n$9\r\n127.0.0.1\r\n:" + node->address().substr(10) + "\r\n";
      return FakeReply{std::string("*1\r\n*") + (named ? "4" : "3") + "\r\n:0\r\n:16383\r\n" +
                       self + (named ? self : "")};
    }));
    const auto storage = ok(RedisStorage::from_config(
        {.url = "redis+cluster://" + node->address(), .max_retries = 0, .key_prefix = "{rz}:"}));
    Batch batch = Batch().expect_absent("other").set("key", "value");
    batch.replicated = true;
    return storage->commit(batch);
  };
  CHECK(ok(commit_to(false)) == Commit::done);
  CHECK(error_of(commit_to(true)).message.find(kAlone + "a replica that lives is not connected") !=
        std::string::npos);
}

}  // namespace
}  // namespace rz::storage
