#include "rz/storage/redis/redis_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "rz/base/text.h"
#include "rz/storage/redis/redis_slot.h"

namespace rz::storage {
namespace {

using Type = RedisReply::Type;

RedisFailure no_slots(std::string message) {
  return {.error = {ErrorCode::corrupt,
                    "the answer to CLUSTER SLOTS is none that Redis gives: " + std::move(message),
                    {}}};
}

// An error that sends a command on: `MOVED 3999 127.0.0.1:6381`, and the same with ASK.
struct Redirection {
  std::string host;
  std::int64_t port;
};

std::optional<Redirection> parse_redirection(std::string_view text) {
  const std::vector<std::string_view> words = split(text, ' ');
  if (words.size() != 3) return std::nullopt;
  const std::size_t colon = words[2].rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_int(words[2].substr(colon + 1));
  if (!port || *port < 1 || *port > 65'535) return std::nullopt;
  return Redirection{std::string(words[2].substr(0, colon)), *port};
}

}  // namespace

RedisCluster::RedisCluster(const StorageUrl& url, const StorageOptions& options)
    : url_(url), connector_(url, options) {}

RedisOutcome<RedisRoute> RedisCluster::route(std::string_view key, TryLimit limit) {
  const std::uint16_t slot = redis_slot(key);
  {
    const std::lock_guard lock(mutex_);
    if (!stale_) {
      if (auto owner = owner_of(slot)) return *std::move(owner);
    }
  }
  if (auto learned = learn_slots(limit); !learned) {
    return tl::unexpected(std::move(learned).error());
  }
  const std::lock_guard lock(mutex_);
  if (auto owner = owner_of(slot)) return *std::move(owner);
  return tl::unexpected(RedisFailure{
      .error = {ErrorCode::unavailable,
                fmt::format("no node of the cluster serves the slot {}; see CLUSTER SLOTS", slot),
                {}},
      .transient = true});
}

std::optional<RedisRoute> RedisCluster::redirect(const RedisRoute& from, const RedisReply& reply) {
  const bool moved = is_redis_error(reply, "MOVED");
  if (!moved && !is_redis_error(reply, "ASK")) return std::nullopt;
  const auto there = parse_redirection(reply.text);
  if (!there) return std::nullopt;
  const std::lock_guard lock(mutex_);
  // Whoever moves one slot moves more: all are learned anew before the next command.
  if (moved) stale_ = true;
  // An empty host is that of the node that answered.
  const std::string& host =
      there->host.empty() ? from.pool->server().hosts.front().first : there->host;
  return RedisRoute{pool_of(host, there->port), !moved};
}

RedisOutcome<std::optional<RedisReplicas>> RedisCluster::live_replicas(const RedisRoute& route,
                                                                       TryLimit) {
  const std::lock_guard lock(mutex_);
  for (const Range& range : ranges_) {
    if (range.master == route.pool) return std::optional(RedisReplicas{range.replicas});
  }
  return std::optional(RedisReplicas{});
}

RedisFailure RedisCluster::note(const RedisRoute& route, RedisFailure failure) {
  // While slots move, nodes may send a command back and forth until its hops are used up.
  if (failure.code == "MOVED" || failure.code == "ASK") {
    failure.error = {ErrorCode::unavailable,
                     "sends the command on, and so do the others; do the nodes agree on who has "
                     "which slot? See CLUSTER NODES",
                     {}};
    failure.transient = true;
  }
  if (failure.transient || failure.code == "READONLY") {
    const std::lock_guard lock(mutex_);
    stale_ = true;
  }
  failure.error.message =
      fmt::format("the node {}: {}", address_text(route.pool->server()), failure.error.message);
  return failure;
}

// Nothing if nobody has it. The caller holds the lock.
std::optional<RedisRoute> RedisCluster::owner_of(std::uint16_t slot) const {
  const auto after = std::upper_bound(
      ranges_.begin(), ranges_.end(), slot,
      [](std::int64_t wanted, const Range& range) { return wanted < range.first; });
  if (after == ranges_.begin()) return std::nullopt;
  const Range& range = *std::prev(after);
  if (slot > range.last) return std::nullopt;
  return RedisRoute{range.master};
}

// The masters that are known and the nodes of the URL, each once.
std::vector<RedisCluster::Pool> RedisCluster::nodes_to_ask() {
  const std::lock_guard lock(mutex_);
  for (const auto& [host, port] : url_.hosts) pool_of(host, port);
  std::vector<Pool> nodes;
  for (const auto& [address, pool] : pools_) nodes.push_back(pool);
  std::rotate(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(first_ % nodes.size()),
              nodes.end());
  return nodes;
}

RedisOutcome<void> RedisCluster::learn_slots(TryLimit limit) {
  constexpr std::string_view kCommand[] = {"CLUSTER", "SLOTS"};
  const std::vector<Pool> nodes = nodes_to_ask();
  RedisFailure failure;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    // One share is left for the command itself.
    const auto reply = ask_once(*nodes[i], kCommand, limit.share(nodes.size() - i + 1));
    auto taken = reply ? take_slots(*reply, *nodes[i]) : tl::unexpected(reply.error());
    if (taken) return {};
    failure = std::move(taken).error();
    failure.error.message =
        fmt::format("the node {}: {}", address_text(nodes[i]->server()), failure.error.message);
    failure.maybe_done = false;
    const std::lock_guard lock(mutex_);
    ++first_;
  }
  return tl::unexpected(std::move(failure));
}

// Each element: first slot, last slot, and the nodes that have them, the master first.
RedisOutcome<void> RedisCluster::take_slots(const RedisReply& reply, const RedisPool& asked) {
  if (reply.type != Type::array) return tl::unexpected(no_slots("it is not an array"));
  if (reply.elements.empty()) {
    // So says a node that was reset, or has not joined yet; another one may know more.
    return tl::unexpected(RedisFailure{
        .error = {ErrorCode::unavailable, "knows of no slots; is it part of the cluster?", {}},
        .transient = true});
  }
  const std::lock_guard lock(mutex_);
  std::vector<Range> ranges;
  for (const RedisReply& element : reply.elements) {
    const std::vector<RedisReply>& parts = element.elements;
    const bool complete = parts.size() >= 3 && parts[0].type == Type::integer &&
                          parts[1].type == Type::integer && parts[2].elements.size() >= 2 &&
                          parts[2].elements[1].type == Type::integer;
    if (!complete) return tl::unexpected(no_slots("a range is not whole"));
    // An unknown host is that of the node that answered.
    const std::string& named = parts[2].elements[0].text;
    const bool known = !named.empty() && named != "?";
    const std::int64_t port = parts[2].elements[1].integer;
    if (port < 1 || port > 65'535) return tl::unexpected(no_slots("a port is none"));
    // A cluster may do without replicas; one that has failed is not named.
    ranges.push_back({parts[0].integer, parts[1].integer,
                      pool_of(known ? named : asked.server().hosts.front().first, port),
                      parts.size() - 3});
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.first < b.first; });
  ranges_ = std::move(ranges);
  stale_ = false;
  // Nodes that are no longer masters are forgotten, with their connections.
  std::erase_if(pools_, [&](const auto& entry) {
    return std::none_of(ranges_.begin(), ranges_.end(),
                        [&](const Range& range) { return range.master == entry.second; });
  });
  return {};
}

// The caller holds the lock.
RedisCluster::Pool RedisCluster::pool_of(const std::string& host, std::int64_t port) {
  StorageUrl server = url_;
  server.kind = StorageUrl::Kind::redis;
  server.hosts = {{host, static_cast<std::uint16_t>(port)}};
  Pool& pool = pools_[address_text(server)];
  if (!pool) pool = std::make_shared<RedisPool>(std::move(server), connector_);
  return pool;
}

}  // namespace rz::storage
