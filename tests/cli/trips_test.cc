// How often a program asks a Redis that may be far away.
#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "golden.h"
#include "support/redis_server.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

// On a slow machine ten thousand components take longer than a run or a check has by default, and
// than one try may take, which would be repeated.
const std::string kCascade = "cascade --deadline 10m";

struct Far {
  test::RedisServer server;
  TempFolder home;

  Far() {
    std::ofstream(home / "calm.yaml") << "fallback: {policy: {resources_critical: false}}\n"
                                         "storage: {timeout: 5m, deadline: 10m}\n"
                                         "health:\n"
                                         "  timeout: 10m\n"
                                         "  checks:\n"
                                         "    - {type: store, name: store, timeout: 5m}\n"
                                         "    - {type: disk, name: disk, path: /, timeout: 5m}\n";
  }

  std::int64_t trips_of(const std::string& command) {
    return server.trips_of([&] {
      const GoldenStep step = run_step(
          "RZ_STORAGE_URL=" + server.url() + " RZ_CONFIG=calm.yaml rz " + command, home.path());
      INFO(step.error);
      CHECK(step.exit_code == 0);
    });
  }
};

}  // namespace

TEST_CASE(
    "an evaluation that changes nothing is a greeting, a probe and a read, whatever else the Redis "
    "holds") {
  Far far;
  far.trips_of("health record failure");
  // The first looks for what an earlier rz has left.
  far.trips_of(kCascade);
  const std::int64_t least = far.trips_of(kCascade);
  CHECK(least == 3);
  std::vector<std::string> foreign{"MSET"};
  for (int i = 0; i < 20'000; ++i) {
    foreign.push_back("foreign:" + std::to_string(i));
    foreign.emplace_back("x");
  }
  REQUIRE(far.server.command(foreign).text == "OK");
  for (int i = 0; i < 20; ++i) {
    far.trips_of("health report w" + std::to_string(i) + " healthy");
  }
  CHECK(far.trips_of(kCascade) == least);
  CHECK(far.trips_of("health report w1 healthy") == 3);
  // The first transition of a store looks for records that the system before rz has left.
  far.trips_of("cascade set heuristic --for 1h");
  CHECK(far.trips_of("cascade status --fail-on unhealthy") == 2);
  // A pin ends by the server's clock, which is asked for.
  CHECK(far.trips_of("cascade set primary") == 4);
  CHECK(far.trips_of(kCascade + " --dry-run") == 3);
}

TEST_CASE("a vote costs a trip where it is cast, and none while it stands") {
  Far far;
  std::ofstream(far.home / "bad.yaml")
      << "fallback:\n"
         "  policy: {resources_critical: false}\n"
         "  rules: [{name: bad, when: total_components >= 1, mode: heuristic}]\n"
         "  votes: {ttl: 1d}\n"
         "storage: {timeout: 5m, deadline: 10m}\n"
         "health: {timeout: 10m, checks: [{type: store, name: store, timeout: 5m}]}\n";
  const std::string bad = kCascade + " --config bad.yaml";
  far.trips_of(kCascade);
  far.trips_of(bad);
  CHECK(far.server.command({"EXISTS", "fallback:votes"}).integer == 1);
  CHECK(far.trips_of(bad) == 3);
  // A state from outside needs no probe, and a recovery asks for the time.
  std::ofstream(far.home / "good.json") << "{\"system\": {\"failed_components\": 0}}";
  CHECK(far.trips_of("cascade --dry-run --state good.json") == 3);
  CHECK(far.trips_of("cascade votes") == 3);
}

TEST_CASE("only where a call is owed does a status ask the Redis for its time") {
  Far far;
  std::ofstream(far.home / "failing.yaml")
      << "fallback: {callbacks: {safe: {command: [\"false\"], attempts: 3}}}\n";
  far.trips_of("cascade set heuristic --for 1h");
  // The first to read the votes makes their index.
  far.trips_of("cascade status");
  const std::int64_t least = far.trips_of("cascade status --fail-on unhealthy");
  CHECK(far.trips_of("cascade set safe --for 1h --config failing.yaml") > 0);
  CHECK(far.trips_of("cascade status --fail-on unknown") == least + 1);
}

TEST_CASE("ten thousand components are read in as many trips as none") {
  Far far;
  far.trips_of("health report w0 healthy");
  const std::string record = far.server.command({"GET", "health:component:w0"}).text;
  REQUIRE(!record.empty());
  std::vector<std::string> many{"MSET"};
  for (int i = 0; i < 10'000; ++i) {
    many.push_back("health:component:w" + std::to_string(i));
    many.push_back(record);
  }
  REQUIRE(far.server.command(many).text == "OK");
  // Without an index they are what an earlier rz has left.
  REQUIRE(far.server.command({"DEL", "rz:collection:health:component:"}).integer == 1);
  far.trips_of(kCascade);
  CHECK(far.server.command({"SCARD", "rz:collection:health:component:"}).integer == 10'001);
  CHECK(far.trips_of(kCascade) == 3);
}

}  // namespace rz::testing
