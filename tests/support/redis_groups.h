#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "support/patience.h"
#include "support/redis_server.h"

namespace rz::test {

/// A master `main`, its replicas and a sentinel, whose word alone makes a replica the master.
/// `options` are those of the servers.
class SentinelGroup {
 public:
  explicit SentinelGroup(int replicas, const RedisServerOptions& options = {},
                         const std::string& sentinel_password = {});

  /// `redis+sentinel://…/main/0`; `rediss+…` if the servers have TLS. `more_sentinels`
  /// (`host:port,` each) come before the real one.
  std::string url(const std::string& more_sentinels = {}) const;

  RedisServer& server(int index) { return *servers_[static_cast<std::size_t>(index)]; }
  RedisServer& sentinel() { return *sentinel_; }
  /// The one that the sentinel takes for the master.
  RedisServer& master();

  /// Has the sentinel put another server in the master's place, and waits until it has.
  void fail_over();
  /// Returns once the sentinel names another master than that of `port`. Throws after kPatience.
  void wait_for_other_master(int port);
  /// Kills one, and has the sentinel take it for dead soon. But for that it takes nobody for dead,
  /// however slow they are, until wait_for_other_master or wait_for_replicas has returned.
  void kill(RedisServer& server);
  /// Returns once so many replicas are in step with the master, and the sentinel knows. Throws
  /// after 30 s.
  void wait_for_replicas(int count);

 private:
  std::string view();
  void take_for_dead_after(Millis time);
  int master_port();

  const RedisServerOptions options_;
  std::vector<std::unique_ptr<RedisServer>> servers_;
  std::unique_ptr<RedisServer> sentinel_;
  Millis dead_after_{kPatience};  ///< What the sentinel waits for.
};

/// Three masters that share the slots of a cluster evenly, and a replica of each.
class ClusterGroup {
 public:
  explicit ClusterGroup(const RedisServerOptions& options = {});

  /// `redis+cluster://…` of the first server; `rediss+…` if the servers have TLS.
  std::string url() const;

  static constexpr int kMasters = 3;
  static constexpr int kServers = 6;
  /// The masters first, at the beginning.
  RedisServer& server(int index) { return *servers_[static_cast<std::size_t>(index)]; }

  /// The server that has `slot` now, as server `asked` sees it. Waits for one; throws after
  /// kPatience.
  RedisServer& owner(int slot, int asked = 0);
  /// Returns once the others have given `slot` to another server than `old`, which was killed.
  /// Throws after kPatience.
  void wait_for_other_owner(int slot, const RedisServer& old);
  std::string id(int index);

  /// Kills one, and has the others take it for dead and its replica take its place soon. But for
  /// that they do not, however slow they are, once wait_until_whole has returned.
  void kill(RedisServer& master);

  /// Returns once the owner of `slot` has a replica in step. Throws after kPatience.
  void wait_for_replica(int slot);

  /// Returns once every server that runs knows all others, and finds the cluster whole with
  /// `masters` masters that live. Throws after kPatience.
  void wait_until_whole();

 private:
  RedisServer* find_owner(int slot, int asked);
  bool is_whole();
  std::string views();
  void take_for_dead(bool soon);
  void set_node_timeout(Millis timeout);
  void meet();
  void help();

  const RedisServerOptions options_;
  std::vector<std::unique_ptr<RedisServer>> servers_;
  Millis node_timeout_{600};
  std::chrono::steady_clock::time_point next_help_{};
};

}  // namespace rz::test
