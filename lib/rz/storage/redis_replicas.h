#pragma once

#include <cstddef>

#include "rz/storage/redis_connection.h"

namespace rz {

/// Waits until every replica that is connected to the server has what this connection wrote last,
/// for a second at most. Replication is asynchronous: what the master alone has is lost if it fails
/// and a replica takes its place.
///
/// `expected`: so many at least should be connected. None may be right, in a cluster without.
/// Errors, all with maybe_done: timeout if fewer are connected, or some do not confirm in time; as
/// exchange.
RedisOutcome<void> wait_for_replicas(RedisConnection& connection, std::size_t expected,
                                     TryLimit limit);

}  // namespace rz
