#include "rz/storage/redis/redis_cluster.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "rz/storage/redis/redis_client.h"
#include "rz/storage/redis/redis_ping.h"
#include "rz/storage/redis/redis_slot.h"
#include "rz/storage/redis/redis_storage.h"
#include "storage/redis/redis_support.h"
#include "storage/storage_contract.h"
#include "support/fake_redis.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/redis_groups.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using test::ClusterGroup;
using test::FakeRedis;
using test::FakeReply;
using test::RedisServer;
using Command = std::vector<std::string>;
using Content = std::optional<std::string>;
using Repeat = RedisClient::Repeat;

// `host:port` of a URL that FakeRedis gives.
std::string port_of(const FakeRedis& server) {
  return server.address().substr(server.address().find(':') + 1);
}

std::string range(int first, int last, const std::string& port,
                  const std::string& host = "$9\r\n127.0.0.1\r\n") {
  return "*3\r\n:" + std::to_string(first) + "\r\n:" + std::to_string(last) + "\r\n*3\r\n" + host +
         ":" + port + "\r\n$2\r\nid\r\n";
}

/// Answers CLUSTER SLOTS with `slots()` and all else with `answer`.
FakeRedis::Handler node(std::function<std::string()> slots,
                        std::function<FakeReply(const Command&)> answer) {
  return test::ok_to_greeting([=](const Command& command) {
    return command[0] == "CLUSTER" ? FakeReply{slots()} : answer(command);
  });
}

FakeRedis::Handler node(std::function<std::string()> slots, const std::string& answer) {
  return node(std::move(slots), [=](const Command&) { return FakeReply{answer}; });
}

std::string no_slots() { return "*0\r\n"; }

std::size_t gets(const FakeRedis& server) {
  const Command commands = server.commands();
  return static_cast<std::size_t>(std::count(commands.begin(), commands.end(), "GET foo"));
}

struct ClusterClient {
  explicit ClusterClient(const std::string& hosts, StorageOptions with = {})
      : options(with_url(std::move(with), "redis+cluster://" + hosts)),
        client(*redis_server_of(options), options, clock) {}
  Result<std::string> get(std::string_view key, Repeat repeat = Repeat::may) {
    const std::string_view command[] = {"GET", key};
    auto reply = client.call(command, repeat, client.begin());
    if (!reply) return fail(reply.error());
    return reply->text;
  }

  StorageOptions options;
  ManualClock clock;
  RedisClient client;
};

TEST_CASE("slots are learned once, and each key is asked for where it is") {
  const FakeRedis second(node(no_slots, "+second\r\n"));
  std::string own_port;
  const FakeRedis first(node(
      [&] {
        // The first has no host: that of the node that answers.
        return "*2\r\n" + range(8'000, 16'383, port_of(second)) +
               range(0, 7'999, own_port, "$-1\r\n");
      },
      "+first\r\n"));
  own_port = port_of(first);
  ClusterClient client(first.address());
  for (int i = 0; i < 2; ++i) {
    CHECK(client.get("bar") == "first");
    CHECK(client.get("foo") == "second");
  }
  CHECK(first.commands() == Command{"CLUSTER SLOTS", "GET bar", "GET bar"});
  CHECK(second.commands() == Command{"GET foo", "GET foo"});
}

TEST_CASE("MOVED is followed, costs no try, and the slots are learned anew") {
  std::atomic<bool> moved{false};
  std::string old_port;
  std::string new_port;
  const auto slots = [&] { return "*1\r\n" + range(0, 16'383, moved ? new_port : old_port); };
  const FakeRedis second(node(slots, "+second\r\n"));
  const FakeRedis first(node(slots, [&](const Command&) {
    moved = true;
    return FakeReply{"-MOVED 12182 " + second.address() + "\r\n"};
  }));
  old_port = port_of(first);
  new_port = port_of(second);
  ClusterClient client(first.address(), {.max_retries = 0});
  for (int i = 0; i < 3; ++i) CHECK(client.get("foo", Repeat::must_not) == "second");
  CHECK(gets(first) == 1);
  CHECK(gets(second) == 3);
}

TEST_CASE("a MOVED without a host means another port of the same one") {
  const FakeRedis second(node(no_slots, "+second\r\n"));
  std::string own_port;
  const FakeRedis first(node([&] { return "*1\r\n" + range(0, 16'383, own_port); },
                             "-MOVED 12182 :" + port_of(second) + "\r\n"));
  own_port = port_of(first);
  CHECK(ClusterClient(first.address()).get("foo") == "second");
}

TEST_CASE("ASK is followed for one command, behind an ASKING") {
  const FakeRedis second(node(no_slots, [](const Command& command) {
    return FakeReply{command[0] == "ASKING" ? "+OK\r\n" : "+second\r\n"};
  }));
  std::string own_port;
  const FakeRedis first(node([&] { return "*1\r\n" + range(0, 16'383, own_port); },
                             "-ASK 12182 " + second.address() + "\r\n"));
  own_port = port_of(first);
  ClusterClient client(first.address(), {.max_retries = 0});
  for (int i = 0; i < 2; ++i) CHECK(client.get("foo", Repeat::must_not) == "second");
  CHECK(first.commands() == Command{"CLUSTER SLOTS", "GET foo", "GET foo"});
  CHECK(second.commands() == Command{"ASKING", "GET foo", "ASKING", "GET foo"});
}

TEST_CASE("nodes that send on for ever are left") {
  std::string own_port;
  const FakeRedis first(node(
      [&] { return "*1\r\n" + range(0, 16'383, own_port); },
      [&](const Command&) { return FakeReply{"-MOVED 12182 127.0.0.1:" + own_port + "\r\n"}; }));
  own_port = port_of(first);
  const Error error = error_of(ClusterClient(first.address(), {.max_retries = 1}).get("foo"));
  // While slots move that is not a mistake of the URL: it is tried again, with the slots learned
  // anew.
  CHECK(error.code == ErrorCode::unavailable);
  CHECK(error.message.find("do the nodes agree on who has which slot?") != std::string::npos);
  CHECK(first.commands().size() == 2 * (1 + 6));
}

TEST_CASE("a redirection that is none is an error") {
  for (const char* reply : {"-MOVED\r\n", "-MOVED 1\r\n", "-MOVED 1 host\r\n", "-MOVED 1 h:0\r\n",
                            "-ASK 1 h:99999\r\n", "-MOVED 1 h:x\r\n", "-MOVED 1 h:1 x\r\n"}) {
    CAPTURE(reply);
    std::string own_port;
    const FakeRedis first(node([&] { return "*1\r\n" + range(0, 16'383, own_port); }, reply));
    own_port = port_of(first);
    CHECK_FALSE(ClusterClient(first.address()).get("foo").has_value());
  }
}

TEST_CASE("a node that does not answer is made up for by the others") {
  const test::ClosedPort closed;
  const std::string none = "127.0.0.1:" + std::to_string(closed.port());
  std::string own_port;
  const FakeRedis node_of_all(
      node([&] { return "*1\r\n" + range(0, 16'383, own_port); }, "+done\r\n"));
  own_port = port_of(node_of_all);
  CHECK(ClusterClient(none + "," + node_of_all.address(), {.max_retries = 0}).get("foo") == "done");

  // The owner of the slots has died; a failover gives them to the node that answers.
  std::atomic<int> asked{0};
  std::string second_port;
  const FakeRedis second(node(
      [&] {
        return "*1\r\n" +
               range(0, 16'383, asked++ < 2 ? std::to_string(closed.port()) : second_port);
      },
      "+done\r\n"));
  second_port = port_of(second);
  ClusterClient client(second.address());
  CHECK(client.get("foo", Repeat::must_not) == "done");
  CHECK(asked == 3);
}

TEST_CASE("no cluster") {
  SUBCASE("nobody listens") {
    const test::ClosedPort closed;
    const std::string none = "127.0.0.1:" + std::to_string(closed.port());
    const Error error = error_of(ClusterClient(none, {.max_retries = 1}).get("foo"));
    CHECK(error == Error{ErrorCode::unavailable,
                         "the node " + none +
                             ": cannot connect: Connection refused; is Redis running there, and "
                             "does it listen on this address? (tried 2 times)",
                         "redis+cluster://" + none});
  }
  SUBCASE("a plain server") {
    const RedisServer server;
    const std::string host = "127.0.0.1:" + std::to_string(server.port());
    const Error error = error_of(ClusterClient(host).get("foo"));
    CHECK(error.code == ErrorCode::invalid_argument);
    CHECK(error.message ==
          "the node " + host + ": is not a node of a cluster; write redis:// in the URL");
  }
  SUBCASE("slots that nobody has") {
    const FakeRedis server(node([] { return "*1\r\n" + range(0, 9, "1"); }, "+done\r\n"));
    const Error error = error_of(ClusterClient(server.address(), {.max_retries = 0}).get("foo"));
    CHECK(error.code == ErrorCode::unavailable);
    CHECK(error.message == "no node of the cluster serves the slot 12182; see CLUSTER SLOTS");
  }
  SUBCASE("a node that was reset") {
    const FakeRedis server(node(no_slots, "+done\r\n"));
    CHECK(error_of(ClusterClient(server.address(), {.max_retries = 0}).get("foo")).message ==
          "the node " + server.address() + ": knows of no slots; is it part of the cluster?");
  }
  SUBCASE("answers that no Redis gives") {
    for (const char* slots :
         {"+OK\r\n", ":1\r\n", "$-1\r\n", "*1\r\n:1\r\n", "*1\r\n*2\r\n:0\r\n:1\r\n",
          "*1\r\n*3\r\n:0\r\n:1\r\n*1\r\n$1\r\nh\r\n", "*1\r\n*3\r\n$1\r\n0\r\n:1\r\n*0\r\n",
          "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\nh\r\n:0\r\n"}) {
      CAPTURE(slots);
      const FakeRedis server(node([=] { return slots; }, "+done\r\n"));
      CHECK(error_of(ClusterClient(server.address()).get("foo")).code == ErrorCode::corrupt);
    }
  }
}

ClusterGroup& cluster() {
  static ClusterGroup shared({.password = "hunter2"});
  return shared;
}

StorageOptions cluster_options(const std::string& prefix,
                               const std::string& url = cluster().url()) {
  return {.url = url,
          .timeout = test::kPatience,
          .max_retries = 200,
          .retry_delay = Millis{20},
          .deadline = test::kPatience,
          .key_prefix = prefix};
}

std::unique_ptr<Storage> open_cluster(const std::string& prefix) {
  return ok(RedisStorage::from_config(cluster_options(prefix)));
}

StorageBackend cluster_backend() {
  for (int i = 0; i < ClusterGroup::kServers; ++i) cluster().server(i).command({"FLUSHALL"});
  return {.open = [] { return open_cluster("{rz}:"); },
          .advance = [](Millis time) { std::this_thread::sleep_for(time); },
          .exact_time = false};
}

RZ_TEST_STORAGE_CONTRACT("Redis in a cluster", cluster_backend);

TEST_CASE("a cluster answers a ping") {
  CHECK(ok(redis_ping(cluster_options(""))).state == RedisPing::State::ready);
}

TEST_CASE("without a hash tag: values go everywhere, what needs one slot is refused") {
  const StorageBackend backend = cluster_backend();
  const auto storage = open_cluster("");
  std::vector<std::string> keys;
  std::set<int> slots;
  for (int i = 0; i < 30; ++i) {
    keys.push_back("key" + std::to_string(i));
    slots.insert(redis_slot(keys.back()));
    REQUIRE(storage->set(keys.back(), std::to_string(i)));
  }
  REQUIRE(slots.size() > 20);
  keys.insert(keys.begin() + 3, "missing");
  keys.push_back("key7");
  const auto values = ok(storage->get_many(keys));
  REQUIRE(values.size() == keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CHECK(values[i] == (i == 3 ? Content() : Content(keys[i].substr(3))));
  }
  const std::string advice =
      "the keys are in several slots of the cluster (CROSSSLOT); give storage.key_prefix a hash "
      "tag, e.g. \"{rz}:\", so that they share one";
  const Error refused = error_of(storage->commit(Batch().set("foo", "1").set("bar", "2")));
  CHECK(refused.code == ErrorCode::invalid_argument);
  CHECK(refused.message == advice);
  CHECK(error_of(storage->commit(Batch().append("log", TimePoint{}, "x"))).message == advice);
  CHECK(ok(storage->exists("foo")) == false);
  CHECK(ok(storage->commit(Batch().set("foo", "1").expect_absent("foo"))) == Commit::done);
  CHECK(code_of(storage->scan_keys("*")) == ErrorCode::invalid_argument);
  // A member that nobody could ever list is not written.
  CHECK(code_of(storage->commit(Batch().set_member("c:", "a", "v"))) ==
        ErrorCode::invalid_argument);
  CHECK(code_of(storage->read_collection("c:")) == ErrorCode::invalid_argument);
  CHECK_FALSE(ok(storage->exists("c:a")));
}

TEST_CASE("a slot that moves to another node under a stream of writes") {
  const StorageBackend backend = cluster_backend();
  const auto storage = open_cluster("{rz}:");
  const int slot = redis_slot("rz");
  REQUIRE(storage->increment("n"));
  const std::string text = std::to_string(slot);
  RedisServer& from = cluster().owner(slot);
  int target = 0;
  while (&cluster().server(target) == &from) ++target;
  RedisServer& to = cluster().server(target);
  const std::string to_id = to.command({"CLUSTER", "MYID"}).text;
  std::atomic<bool> done{false};
  std::atomic<int> sum{1};
  std::thread writer([&] {
    while (!done) {
      const auto n = storage->increment("n");
      if (n) sum = static_cast<int>(*n);
      CHECK(n.has_value());
    }
  });
  to.command({"CLUSTER", "SETSLOT", text, "IMPORTING", from.command({"CLUSTER", "MYID"}).text});
  from.command({"CLUSTER", "SETSLOT", text, "MIGRATING", to_id});
  from.command({"MIGRATE", "127.0.0.1", std::to_string(to.port()), "{rz}:n", "0", "5000", "AUTH",
                "hunter2"});
  // Half-way: the key is there, the slot still here.
  const int before = sum;
  while (sum < before + 20) std::this_thread::yield();
  to.command({"CLUSTER", "SETSLOT", text, "NODE", to_id});
  from.command({"CLUSTER", "SETSLOT", text, "NODE", to_id});
  const int after = sum;
  while (sum < after + 20) std::this_thread::yield();
  done = true;
  writer.join();
  CHECK(ok(storage->get("n")) == std::to_string(sum));
  CHECK(&cluster().owner(slot, target) == &to);
}

TEST_CASE("a master that is killed: its replica takes its slots") {
  const StorageBackend backend = cluster_backend();
  const auto storage = open_cluster("{rz}:");
  REQUIRE(storage->increment("n"));
  const int slot = redis_slot("rz");
  RedisServer& master = cluster().owner(slot);
  REQUIRE(master.command({"WAIT", "1", "10000"}).integer == 1);
  cluster().kill(master);
  CHECK(ok(storage->increment("n")) == 2);
  CHECK(ok(storage->get("n")) == "2");
  master.start();
  cluster().wait_until_whole();
  CHECK(ok(storage->increment("n")) == 3);
}

}  // namespace
}  // namespace rz::storage
