#include "support/redis_groups.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "rz/base/clock.h"
#include "support/patience.h"

namespace rz::test {
namespace {

// With less, a sentinel takes a new master for dead before it has connected to it, and deposes it
// again.
constexpr Millis kDeadAfter{1'000};

// The questions take a fifth of the time at most: on a slow machine the servers need the rest.
void wait_for(
    const char* what, const std::function<bool()>& done,
    const std::function<std::string()>& state = [] { return std::string(); }) {
  using Steady = std::chrono::steady_clock;
  const auto end = Steady::now() + kPatience;
  for (auto asked = Steady::now(); !done(); asked = Steady::now()) {
    const auto now = Steady::now();
    if (now > end) throw std::runtime_error(std::string("in vain waited for ") + what + state());
    std::this_thread::sleep_for(std::max<Steady::duration>(Millis{10}, 4 * (now - asked)));
  }
}

// The port that others are told of.
int public_port(const RedisServer& server) {
  return server.tls_port() != 0 ? server.tls_port() : server.port();
}

// A field of an answer like that of SENTINEL REPLICAS: names and values by turns.
std::string field(const storage::RedisReply& reply, const std::string& name) {
  for (std::size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
    if (reply.elements[i].text == name) return reply.elements[i + 1].text;
  }
  return "";
}

RedisServerOptions with(RedisServerOptions options, const std::vector<std::string>& lines) {
  options.config.insert(options.config.end(), lines.begin(), lines.end());
  return options;
}

}  // namespace

SentinelGroup::SentinelGroup(int replicas, const RedisServerOptions& options,
                             const std::string& sentinel_password)
    : options_(options) {
  const bool tls = options_.tls.has_value();
  std::vector<std::string> lines{"repl-diskless-sync-delay 0"};
  if (tls) lines.emplace_back("tls-replication yes");
  if (!options_.password.empty()) lines.push_back("masterauth " + options_.password);
  servers_.push_back(std::make_unique<RedisServer>(with(options_, lines)));
  const std::string port = std::to_string(public_port(server(0)));
  lines.push_back("replicaof 127.0.0.1 " + port);
  for (int i = 0; i < replicas; ++i) {
    servers_.push_back(std::make_unique<RedisServer>(with(options_, lines)));
  }
  for (int i = 1; i <= replicas; ++i) {
    wait_for("a replica to be in step", [&] {
      const std::string info = server(i).command({"INFO", "replication"}).text;
      return info.find("master_link_status:up") != std::string::npos;
    });
  }
  std::vector<std::string> watch{
      "sentinel monitor main 127.0.0.1 " + port + " 1",
      "sentinel down-after-milliseconds main " + std::to_string(kPatience.count()),
      "sentinel failover-timeout main 3000"};
  if (tls) watch.emplace_back("tls-replication yes");
  if (!options_.password.empty()) watch.push_back("sentinel auth-pass main " + options_.password);
  sentinel_ = std::make_unique<RedisServer>(RedisServerOptions{.password = sentinel_password,
                                                               .tls = options_.tls,
                                                               .config = std::move(watch),
                                                               .sentinel = true});
  wait_for_replicas(replicas);
}

std::string SentinelGroup::url(const std::string& more_sentinels) const {
  const std::string user = options_.password.empty() ? "" : "default:" + options_.password + "@";
  return (options_.tls ? "rediss" : "redis") + std::string("+sentinel://") + user + more_sentinels +
         "127.0.0.1:" + std::to_string(public_port(*sentinel_)) + "/main/0";
}

int SentinelGroup::master_port() {
  const storage::RedisReply reply =
      sentinel_->command({"SENTINEL", "get-master-addr-by-name", "main"});
  return reply.elements.size() == 2 ? std::stoi(reply.elements[1].text) : 0;
}

RedisServer& SentinelGroup::master() {
  const int port = master_port();
  for (const auto& one : servers_) {
    if (public_port(*one) == port) return *one;
  }
  throw std::runtime_error("the sentinel names a master that is none of ours");
}

void SentinelGroup::fail_over() {
  const int port = master_port();
  wait_for("a failover that may begin", [&] {
    return sentinel_->command({"SENTINEL", "FAILOVER", "main"}).text == "OK";
  });
  wait_for_other_master(port);
}

// A sentinel makes no replica the master that has been without one for more than ten times
// down-after-milliseconds longer than the sentinel has taken the master for dead. On a slow machine
// it notices that late, and would wait for ever: the bound grows with the time that has passed.
void SentinelGroup::wait_for_other_master(int port) {
  const auto begin = std::chrono::steady_clock::now();
  const auto failed_over = [&] {
    const auto waited = std::chrono::steady_clock::now() - begin;
    if (waited > 4 * dead_after_) take_for_dead_after(2 * dead_after_);
    return master_port() != port;
  };
  wait_for("another master", failed_over, [&] { return view(); });
  take_for_dead_after(kPatience);
}

// What the sentinel takes the master and its replicas for.
std::string SentinelGroup::view() {
  const auto text = [](const storage::RedisReply& reply) {
    std::string all;
    for (const storage::RedisReply& each : reply.elements) {
      all += each.elements.empty() ? each.text + " " : "\n";
      for (const storage::RedisReply& inner : each.elements) all += inner.text + " ";
    }
    return all;
  };
  return "\n" + text(sentinel_->command({"SENTINEL", "MASTER", "main"})) +
         text(sentinel_->command({"SENTINEL", "REPLICAS", "main"})) + "\n" + sentinel_->log();
}

void SentinelGroup::kill(RedisServer& server) {
  take_for_dead_after(kDeadAfter);
  server.kill();
}

void SentinelGroup::take_for_dead_after(Millis time) {
  dead_after_ = time;
  sentinel_->command(
      {"SENTINEL", "SET", "main", "down-after-milliseconds", std::to_string(time.count())});
}

// Until the sentinel knows them well enough to make one the master.
void SentinelGroup::wait_for_replicas(int count) {
  wait_for("replicas", [&] {
    const storage::RedisReply replicas = sentinel_->command({"SENTINEL", "REPLICAS", "main"});
    int ready = 0;
    for (const storage::RedisReply& replica : replicas.elements) {
      ready += field(replica, "flags") == "slave" && field(replica, "master-link-status") == "ok";
    }
    // What the sentinel knows may be seconds old.
    const storage::RedisReply role = master().command({"ROLE"});
    return ready == count && role.elements.size() == 3 &&
           role.elements[2].elements.size() == static_cast<std::size_t>(count);
  });
  take_for_dead_after(kPatience);
}

ClusterGroup::ClusterGroup(const RedisServerOptions& options) : options_(options) {
  // CLUSTER SLOTS leaves out replicas that their masters have not pinged yet. A node that is not
  // told its address asks the connection for it, and a Redis 7.0 ends with a failed assertion
  // (nodeIp2String, cluster.c) if that has just been closed, as happens on a slow machine.
  std::vector<std::string> lines{"cluster-enabled yes",        "cluster-announce-ip 127.0.0.1",
                                 "cluster-node-timeout 600",   "cluster-replica-no-failover yes",
                                 "repl-diskless-sync-delay 0", "cluster-replica-validity-factor 0",
                                 "repl-ping-replica-period 1"};
  if (options_.tls) {
    lines.emplace_back("tls-cluster yes");
    lines.emplace_back("tls-replication yes");
  }
  if (!options_.password.empty()) lines.push_back("masterauth " + options_.password);
  RedisServerOptions own = with(options_, lines);
  own.cluster_bus = true;
  for (int i = 0; i < kServers; ++i) servers_.push_back(std::make_unique<RedisServer>(own));
  for (int i = 0; i < kServers; ++i) {
    server(i).command({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
  }
  for (int i = 0; i < kMasters; ++i) {
    const int first = 16'384 * i / kMasters;
    const int last = 16'384 * (i + 1) / kMasters - 1;
    server(i).command({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)});
  }
  meet();
  for (int i = kMasters; i < kServers; ++i) {
    wait_for("a replica that knows its master", [&] {
      help();
      return server(i).command({"CLUSTER", "REPLICATE", id(i - kMasters)}).text == "OK";
    });
  }
  wait_until_whole();
}

std::string ClusterGroup::url() const {
  const std::string user = options_.password.empty() ? "" : "default:" + options_.password + "@";
  return (options_.tls ? "rediss" : "redis") + std::string("+cluster://") + user +
         "127.0.0.1:" + std::to_string(public_port(*servers_[0]));
}

std::string ClusterGroup::id(int index) { return server(index).command({"CLUSTER", "MYID"}).text; }

// For moments, while nodes tell each other of a failover, nobody may have it.
RedisServer* ClusterGroup::find_owner(int slot, int asked) {
  const storage::RedisReply reply = server(asked).command({"CLUSTER", "SLOTS"});
  for (const storage::RedisReply& range : reply.elements) {
    if (slot < range.elements[0].integer || slot > range.elements[1].integer) continue;
    for (const auto& one : servers_) {
      // The port is one for the connection that asks, which has no TLS.
      if (one->port() == range.elements[2].elements[1].integer) return one.get();
    }
  }
  return nullptr;
}

RedisServer& ClusterGroup::owner(int slot, int asked) {
  RedisServer* found = nullptr;
  wait_for("an owner of the slot", [&] { return (found = find_owner(slot, asked)) != nullptr; });
  return *found;
}

void ClusterGroup::wait_for_other_owner(int slot, const RedisServer& old) {
  int asked = 0;
  while (&server(asked) == &old) ++asked;
  wait_for("another owner of the slot", [&] {
    const RedisServer* now = find_owner(slot, asked);
    return now != nullptr && now != &old;
  });
}

void ClusterGroup::wait_for_replica(int slot) {
  wait_for("a replica to be in step", [&] {
    const storage::RedisReply role = owner(slot).command({"ROLE"});
    return role.elements.size() == 3 && !role.elements[2].elements.empty();
  });
}

bool ClusterGroup::is_whole() {
  for (const auto& one : servers_) {
    if (!one->is_started()) continue;
    const std::string info = one->command({"CLUSTER", "INFO"}).text;
    if (info.find("cluster_state:ok") == std::string::npos) return false;
    // Each master with its replica, and each replica with its master.
    const storage::RedisReply slots = one->command({"CLUSTER", "SLOTS"});
    std::size_t nodes = 0;
    for (const storage::RedisReply& range : slots.elements) nodes += range.elements.size() - 2;
    std::size_t running = 0;
    for (const auto& other : servers_) running += other->is_started() ? 1 : 0;
    if (nodes < running) return false;
  }
  return true;
}

// What each node takes the others for.
std::string ClusterGroup::views() {
  std::string all;
  for (const auto& one : servers_) {
    if (!one->is_started()) continue;
    all += "\n" + one->command({"CLUSTER", "NODES"}).text +
           "of its replication: " + one->command({"INFO", "replication"}).text;
  }
  return all;
}

void ClusterGroup::wait_until_whole() {
  const auto whole = [&] {
    help();
    return is_whole();
  };
  wait_for("a whole cluster", whole, [&] { return views(); });
  take_for_dead(false);
}

void ClusterGroup::kill(RedisServer& master) {
  take_for_dead(true);
  master.kill();
}

void ClusterGroup::meet() {
  for (int i = 1; i < kServers; ++i) {
    for (int j = 0; j < i; ++j) {
      if (!server(i).is_started() || !server(j).is_started()) continue;
      server(i).command({"CLUSTER", "MEET", "127.0.0.1", std::to_string(public_port(server(j))),
                         std::to_string(server(j).bus_port())});
    }
  }
}

// Nodes that do not greet each other within their time-out forget each other again. On a slow
// machine, with TLS, they need longer, and to be told once more.
void ClusterGroup::help() {
  constexpr std::chrono::seconds kTime{20};
  // A master that was taken for dead is taken back after twice the time-out, not before.
  constexpr Millis kLongest{15'000};
  const auto now = std::chrono::steady_clock::now();
  if (next_help_ == std::chrono::steady_clock::time_point{}) next_help_ = now + kTime;
  if (now < next_help_) return;
  next_help_ = now + kTime;
  node_timeout_ = std::min(3 * node_timeout_, kLongest);
  set_node_timeout(node_timeout_);
  meet();
}

void ClusterGroup::set_node_timeout(Millis timeout) {
  for (const auto& one : servers_) {
    if (!one->is_started()) continue;
    one->command({"CONFIG", "SET", "cluster-node-timeout", std::to_string(timeout.count())});
  }
}

// With a short time-out the nodes also learn of each other sooner.
void ClusterGroup::take_for_dead(bool soon) {
  set_node_timeout(soon ? node_timeout_ : kPatience);
  for (const auto& one : servers_) {
    if (!one->is_started()) continue;
    one->command({"CONFIG", "SET", "cluster-replica-no-failover", soon ? "no" : "yes"});
  }
}

}  // namespace rz::test
