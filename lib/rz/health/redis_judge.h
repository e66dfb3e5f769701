#pragma once

#include <string_view>

#include "rz/base/field_visitor.h"
#include "rz/health/check_options.h"
#include "rz/health/health_check.h"

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
  bool persistence = false;  ///< Whether its last saves must have succeeded.

  /// Whether INFO is needed.
  bool asks() const;
};

void visit_fields(FieldVisitor& fields, RedisExpectation& expectation);

/// Makes `result` worse for what `info`, the answer to INFO, says against `expectation`, with each
/// problem in its message, and adds what was measured to its metadata: role, and where it is known
/// replication_lag_s, connected_replicas, used_memory, maxmemory, memory_percent, evicted_keys.
///
/// Another role, and saves that fail, are degraded. Of a replica that has lost its master, the time
/// since then is its lag, and it is degraded whatever the limits are. What the server does not say
/// is unknown: a share of a memory without a limit, for one.
void judge_redis(std::string_view info, const RedisExpectation& expectation, CheckResult& result);

}  // namespace rz::health
