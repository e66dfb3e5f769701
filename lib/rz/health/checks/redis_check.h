#pragma once

#include <functional>
#include <memory>

#include "rz/health/check_type.h"
#include "rz/health/judging/redis_judge.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/redis/redis_ping.h"

namespace rz::health {

/// `type: redis`: the server answers PING with what the URL's user may do, and is as it must be.
struct RedisCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "redis";

  StorageOptions server;  ///< Retries are those of CheckOptions; `server.max_retries` is not used.
  RedisExpectation expect;
  bool write = false;  ///< Whether it must take a write.
};

void visit_fields(FieldVisitor& fields, RedisCheckOptions& options);

/// Asks a Redis server how it is. Tests replace it.
using RedisPinger =
    std::function<Result<storage::RedisPing>(const StorageOptions&, storage::RedisQuestions)>;

/// A Redis server: healthy if it answers PING; degraded while it loads its data, has lost its
/// master or runs a script that blocks it; unhealthy if it cannot be reached or refuses our
/// credentials, or takes no write where it must; unknown if it could not be asked
/// (check_failure.h). What it says of itself is judged by judge_redis(). Metadata: url (without its
/// password), and those of judge_redis() where it was asked.
std::shared_ptr<HealthCheck> make_redis_check(RedisCheckOptions options,
                                              RedisPinger pinger = storage::redis_ping);
std::shared_ptr<HealthCheck> make_health_check(const RedisCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
