#include "rz/suites/store_peers.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/redis_server.h"

namespace rz::suites {
namespace {

TEST_CASE("the rate is that of the first row below the header") {
  CHECK(rate_in_csv("\"test\",\"rps\",\"avg_latency_ms\"\n\"SET\",\"17699.12\",\"0.053\"\n") ==
        17699.12);
  CHECK(rate_in_csv("\"SET\",\"1000000.00\"\n") == 1e6);
  CHECK(rate_in_csv("Could not connect\n") == 0);
}

TEST_CASE("redis-benchmark is measured, one by one and in pipelines") {
  const test::RedisServer server;
  const std::vector<StorePeer> peers = redis_peers({.url = server.url()});
  REQUIRE(peers.size() == 4);
  CHECK(peers[0].name == "peer/redis-benchmark/get");
  CHECK(peers[3].name == "peer/redis-benchmark/set_many");
  for (const StorePeer& peer : peers) {
    INFO(peer.name);
    const auto sample = peer.sample();
    REQUIRE(sample);
    CHECK(*sample > 0);
  }
}

TEST_CASE("a password never stands among arguments, and a cluster is not a single server") {
  CHECK(redis_peers({.url = "redis://:secret@127.0.0.1:1"}).empty());
  CHECK(redis_peers({.url = "redis://127.0.0.1:1", .password = "secret"}).empty());
  CHECK(redis_peers({.url = "rediss://127.0.0.1:1"}).empty());
  CHECK(redis_peers({.url = "redis+cluster://127.0.0.1:1"}).empty());
  CHECK(redis_peers({.url = "sqlite:x.db"}).empty());
}

TEST_CASE("a Redis that is not there is an error of the sample") {
  const std::vector<StorePeer> peers = redis_peers({.url = "redis+unix:///nonexistent.sock"});
  REQUIRE(peers.size() == 4);
  CHECK_FALSE(peers[0].sample());
}

TEST_CASE("sqlite3 is measured") {
  const std::vector<StorePeer> peers = sqlite_peers();
  REQUIRE(peers.size() == 4);
  CHECK(peers[0].name == "peer/sqlite3/get");
  CHECK(peers[3].name == "peer/sqlite3/set_many");
  for (const StorePeer& peer : peers) {
    INFO(peer.name);
    const auto sample = peer.sample();
    REQUIRE(sample);
    CHECK(*sample >= 0);
  }
}

}  // namespace
}  // namespace rz::suites
