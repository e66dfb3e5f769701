#include "rz/storage/redis/redis_sentinel.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "rz/base/text.h"

namespace rz::storage {
namespace {

constexpr std::string_view kSentinelWantsPassword =
    "wants a password of its own (NOAUTH); put it into sentinel_password_file";

// What a sentinel says in place of the master's address, as far as it differs from a server.
RedisFailure at_sentinel(RedisFailure failure) {
  if (failure.code == "NOAUTH") failure.error.message = kSentinelWantsPassword;
  if (failure.code == "ERR") failure.error.message = "is it a sentinel? " + failure.error.message;
  return failure;
}

RedisFailure no_sentinel(const StorageUrl& url) {
  return {.error = {ErrorCode::not_found,
                    fmt::format("no sentinel knows a master named '{}'; see SENTINEL MASTERS there",
                                printable(url.master)),
                    {}}};
}

// `replica` is an element of SENTINEL REPLICAS: names and values by turns.
void add_if_alive(RedisReplicas& replicas, const RedisReply& replica) {
  std::map<std::string_view, std::string_view> fields;
  for (std::size_t i = 0; i + 1 < replica.elements.size(); i += 2) {
    fields[replica.elements[i].text] = replica.elements[i + 1].text;
  }
  const auto flagged = [&](std::string_view flag) {
    return fields["flags"].find(flag) != std::string_view::npos;
  };
  if (!flagged("slave") || flagged("down") || flagged("disconnected")) return;
  ++replicas.count;
  const std::string_view ip = fields["ip"];
  // Sentinels may be told to speak of names (announce-hostnames); masters never do.
  const bool literal = ip.find_first_not_of("0123456789.") == std::string_view::npos ||
                       ip.find(':') != std::string_view::npos;
  if (!ip.empty() && literal) {
    replicas.addresses.push_back(std::string(ip) + ":" + std::string(fields["port"]));
  }
}

}  // namespace

RedisSentinel::RedisSentinel(const StorageUrl& url, const StorageOptions& options)
    : url_(url),
      user_(options.sentinel_user),
      password_(options.sentinel_password),
      connector_(url, options) {}

RedisOutcome<RedisRoute> RedisSentinel::route(std::string_view, TryLimit limit) {
  {
    const std::lock_guard lock(mutex_);
    // A new connection must not go to a master that was one once: it may be back, and believe so.
    if (master_ && master_->has_idle()) return RedisRoute{master_};
  }
  RedisOutcome<Address> found = find_master(limit);
  if (!found) return tl::unexpected(std::move(found).error());
  return RedisRoute{use(*std::move(found))};
}

std::optional<RedisRoute> RedisSentinel::redirect(const RedisRoute&, const RedisReply&) {
  return std::nullopt;
}

// The master itself knows only those that are connected: not the one that has just been promoted,
// while this master does not know yet that it is none any more.
RedisOutcome<std::optional<RedisReplicas>> RedisSentinel::live_replicas(const RedisRoute& route,
                                                                        TryLimit limit) {
  const RedisOutcome<Address> master = find_master(limit.share(4));
  // Somebody who has sentinels has a replica.
  const RedisReplicas least{.count = 1};
  if (!master) return std::optional(least);
  if (route.pool->server().hosts.front() != *master) {
    return tl::unexpected(RedisFailure{
        .error = {ErrorCode::unavailable,
                  "has been deposed, though it does not know: the sentinels name another master",
                  {}},
        .transient = true,  // The next call looks for the other one.
        .maybe_done = true});
  }
  std::size_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    index = first_;
  }
  const auto reply = ask_about_master(url_.hosts[index], "replicas", limit.share(4));
  RedisReplicas replicas;
  if (reply) {
    for (const RedisReply& replica : reply->elements) add_if_alive(replicas, replica);
  }
  return std::optional(replicas.count == 0 ? least : replicas);
}

RedisFailure RedisSentinel::note(const RedisRoute& route, RedisFailure failure) {
  const bool demoted = failure.code == "READONLY";
  if (demoted) {
    failure.transient = true;
    failure.error.message =
        "has become a replica (READONLY), and the sentinels name no other master yet";
  }
  if (failure.transient) {
    const std::lock_guard lock(mutex_);
    if (master_ == route.pool) {
      master_.reset();
      // This sentinel may be the one that is behind.
      first_ = (first_ + 1) % url_.hosts.size();
    }
  }
  failure.error.message =
      fmt::format("the master {}: {}", address_text(route.pool->server()), failure.error.message);
  return failure;
}

RedisOutcome<RedisSentinel::Address> RedisSentinel::find_master(TryLimit limit) {
  const std::size_t count = url_.hosts.size();
  std::size_t first = 0;
  {
    const std::lock_guard lock(mutex_);
    first = first_;
  }
  RedisFailure failure = no_sentinel(url_);
  std::string reasons;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = (first + i) % count;
    // One share is left for the master itself.
    RedisOutcome<Address> master = ask(url_.hosts[index], limit.share(count - i + 1));
    if (master) {
      const std::lock_guard lock(mutex_);
      first_ = index;
      return master;
    }
    const bool unknown = master.error().error.code == ErrorCode::not_found;
    if (unknown) continue;
    reasons += fmt::format("{}the sentinel {}:{}: {}", reasons.empty() ? "" : "; ",
                           url_.hosts[index].first, url_.hosts[index].second,
                           master.error().error.message);
    failure = std::move(master).error();
  }
  if (!reasons.empty()) failure.error.message = std::move(reasons);
  return tl::unexpected(std::move(failure));
}

RedisOutcome<RedisReply> RedisSentinel::ask_about_master(const Address& sentinel,
                                                         std::string_view what, TryLimit limit) {
  StorageUrl server;
  server.kind = StorageUrl::Kind::redis;
  server.tls = url_.tls;
  server.hosts = {sentinel};
  server.user = user_;
  server.password = password_;
  server.has_password = !password_.empty();
  RedisPool pool(std::move(server), connector_);
  const std::string_view command[] = {"SENTINEL", what, url_.master};
  return ask_once(pool, command, limit);
}

RedisOutcome<RedisSentinel::Address> RedisSentinel::ask(const Address& sentinel, TryLimit limit) {
  const RedisOutcome<RedisReply> reply =
      ask_about_master(sentinel, "get-master-addr-by-name", limit);
  if (!reply) {
    RedisFailure failure = at_sentinel(reply.error());
    failure.maybe_done = false;
    return tl::unexpected(std::move(failure));
  }
  if (reply->type == RedisReply::Type::nil) return tl::unexpected(no_sentinel(url_));
  const auto port = reply->elements.size() == 2 ? parse_int(reply->elements[1].text) : std::nullopt;
  if (!port || *port < 1 || *port > 65'535 || reply->elements[0].text.empty()) {
    return tl::unexpected(RedisFailure{
        .error = {ErrorCode::corrupt, "answers with no address; is it a sentinel?", {}}});
  }
  return Address{reply->elements[0].text, static_cast<std::uint16_t>(*port)};
}

std::shared_ptr<RedisPool> RedisSentinel::use(Address master) {
  StorageUrl server = url_;
  server.kind = StorageUrl::Kind::redis;
  server.hosts = {std::move(master)};
  const std::lock_guard lock(mutex_);
  // Another thread may have found it meanwhile.
  if (!master_ || master_->server().hosts != server.hosts) {
    master_ = std::make_shared<RedisPool>(std::move(server), connector_, RedisRole::master);
  }
  return master_;
}

}  // namespace rz::storage
