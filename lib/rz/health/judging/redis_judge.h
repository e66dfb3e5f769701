#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rz/base/field_visitor.h"
#include "rz/base/value.h"
#include "rz/health/check_options.h"
#include "rz/health/judging/findings.h"
#include "rz/storage/redis/redis_ping.h"

namespace rz::health {

enum class RedisRole { any, master, replica };

/// Shares in percent; 0: none.
struct ShareLimits {
  double warning = 0;
  double critical = 0;

  bool any() const { return warning > 0 || critical > 0; }
};

/// What a server must say of itself.
struct RedisExpectation {
  RedisRole role = RedisRole::any;
  LatencyLimits replication_lag{};
  ShareLimits memory{};      ///< Of its limit, maxmemory.
  bool persistence = false;  ///< Whether it must save, and its last saves must have succeeded.

  /// How many keys it may evict between two runs of the check: from so many on it is worse.
  std::optional<std::int64_t> evictions_warning{};
  std::optional<std::int64_t> evictions_critical{};

  std::string maxmemory_policy{};  ///< What it must do when its memory is full; empty: anything.

  /// Whether INFO is needed.
  bool asks() const;
};

void visit_fields(FieldVisitor& fields, RedisExpectation& expectation);

/// How many keys a server has evicted, if that is to be judged and it tells it; else `findings`
/// gets that it does not.
std::optional<GrowingCount> evictions_of(const storage::RedisPing& told,
                                         const RedisExpectation& expectation, Findings& findings);

/// Adds to `findings` what a server has `told` that is against `expectation`, and to `metadata`
/// what was measured: role, and where it is known replication_lag_s, connected_replicas,
/// used_memory, maxmemory, memory_percent, evicted_keys, maxmemory_policy.
///
/// Another role or policy, saves that fail, and none where some must be are degraded. Of a replica
/// that has lost its master, the time since then is its lag, and it is degraded whatever the limits
/// are. What the server does not say is unknown: a share of a memory without a limit, for one.
void judge_redis(const storage::RedisPing& told, const RedisExpectation& expectation,
                 Findings& findings, Value& metadata);

}  // namespace rz::health
