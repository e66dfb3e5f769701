#pragma once

#include "rz/storage/redis_connection.h"

namespace rz {

/// The replicas of a server that fails over to them.
enum class RedisReplicas {
  none,      ///< There is no failover.
  possible,  ///< Those that are connected count; there may be none.
  expected,  ///< There should be one at least.
};

/// Waits until every replica that is connected to the server has what this connection wrote last,
/// for a second at most. Replication is asynchronous: what the master alone has is lost if it fails
/// and a replica takes its place.
///
/// Errors: timeout, with maybe_done, if some do not confirm in time, or none is connected that is
/// expected; as exchange.
RedisOutcome<void> wait_for_replicas(RedisConnection& connection, RedisReplicas replicas,
                                     TryLimit limit);

}  // namespace rz
