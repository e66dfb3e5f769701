#pragma once

#include <functional>
#include <memory>

#include "rz/health/health_check.h"
#include "rz/health/health_options.h"
#include "rz/storage/redis_ping.h"

namespace rz {

/// Asks a Redis server how it is. Tests replace it.
using RedisPinger = std::function<Result<RedisPing>(const StorageOptions&)>;

/// A Redis server: healthy if it answers PING, degraded while it loads its data, has lost its
/// master or runs a script that blocks it, unhealthy if it is out of reach or will not let us in,
/// unknown if it could not be asked (check_failure.h).
/// Metadata: url (without its password).
std::shared_ptr<HealthCheck> make_redis_check(RedisCheckOptions options,
                                              RedisPinger pinger = redis_ping);

}  // namespace rz
