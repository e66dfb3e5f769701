#include "support/outages.h"

#include <random>
#include <stdexcept>
#include <thread>

#include "rz/storage/redis/redis_slot.h"
#include "support/patience.h"
#include "support/redis_groups.h"
#include "support/redis_server.h"

namespace rz::test {
namespace {

constexpr int kWriters = 3;
// Of a round, before the blow: enough for the stream to be under way again.
constexpr int kTransitions = 20;

const std::vector<std::string> kDurable{"appendonly yes", "appendfsync always"};

StorageOptions patient(const std::string& url) {
  return {.url = url,
          .timeout = Millis{2'000},
          .max_retries = 1'000,
          .retry_delay = Millis{5},
          .deadline = kPatience};
}

/// A blow falls anywhere in a transition, not just behind one. The same ones each time.
class Moments {
 public:
  void pass() {
    std::this_thread::sleep_for(Micros{std::uniform_int_distribution<int>(0, 20'000)(random_)});
  }

 private:
  std::minstd_rand random_{1};
};

}  // namespace

DrillFigures drill_restarts(int rounds, const OnRound& on_round) {
  RedisServer server({.config = kDurable});
  OutageDrill drill(patient(server.url()), kWriters);
  Moments moments;
  for (int round = 1; round <= rounds; ++round) {
    drill.await(kTransitions);
    moments.pass();
    server.kill();
    moments.pass();
    server.start();
    on_round(round);
  }
  drill.await(kTransitions);
  return drill.finish();
}

DrillFigures drill_sentinel(int rounds, const OnRound& on_round) {
  SentinelGroup group(2, {.config = kDurable});
  OutageDrill drill(patient(group.url()), kWriters);
  Moments moments;
  for (int round = 1; round <= rounds; ++round) {
    drill.await(kTransitions);
    moments.pass();
    RedisServer& master = group.master();
    group.kill(master);
    group.wait_for_other_master(master.port());
    master.start();
    // The sentinel would do so, some seconds later.
    master.command({"REPLICAOF", "127.0.0.1", std::to_string(group.master().port())});
    group.wait_for_replicas(2);
    on_round(round);
  }
  drill.await(kTransitions);
  return drill.finish();
}

DrillFigures drill_cluster(int rounds, const OnRound& on_round) {
  ClusterGroup cluster({.config = kDurable});
  StorageOptions options = patient(cluster.url());
  // Any node may be the one that is down.
  for (int i = 1; i < ClusterGroup::kServers; ++i) {
    options.url += ",127.0.0.1:" + std::to_string(cluster.server(i).port());
  }
  options.key_prefix = "{rz}:";
  OutageDrill drill(options, kWriters);
  Moments moments;
  const int slot = storage::redis_slot("{rz}:");
  for (int round = 1; round <= rounds; ++round) {
    drill.await(kTransitions);
    moments.pass();
    RedisServer& master = cluster.owner(slot);
    cluster.kill(master);
    cluster.wait_for_other_owner(slot, master);
    master.start();
    cluster.wait_until_whole();
    cluster.wait_for_replica(slot);
    on_round(round);
  }
  drill.await(kTransitions);
  return drill.finish();
}

DrillFigures drill_sqlite(int rounds, const OnRound& on_round) {
  const TempFolder folder;
  StorageOptions options = patient("sqlite:" + (folder / "rz.db"));
  OutageDrill drill(options, kWriters);
  Moments moments;
  for (int round = 1; round <= rounds; ++round) {
    drill.await(3);
    moments.pass();
    drill.kill_writer(static_cast<std::size_t>(round) % kWriters);
    on_round(round);
  }
  drill.await(kTransitions);
  return drill.finish();
}

}  // namespace rz::test
