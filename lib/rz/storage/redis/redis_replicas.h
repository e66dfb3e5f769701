#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rz/storage/redis/redis_connection.h"

namespace rz::storage {

/// The replicas of a master that live, as others than the master know them.
struct RedisReplicas {
  std::size_t count = 0;
  /// `IP:port` of those that are known by a literal address, as the master calls them, too.
  std::vector<std::string> addresses{};
};

/// Waits until every replica that is connected to the server has what this connection wrote last,
/// for a second at most. Replication is asynchronous: what the master alone has is lost if it fails
/// and a replica takes its place.
///
/// `expected`: these should be among them. None may be right, in a cluster without.
/// Errors, all with maybe_done: timeout if one is not connected, or does not confirm in time; as
/// exchange.
RedisOutcome<void> wait_for_replicas(RedisConnection& connection, const RedisReplicas& expected,
                                     TryLimit limit);

}  // namespace rz::storage
