#include "rz/health/judging/redis_judge.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::health {
namespace {

using std::chrono::seconds;

constexpr Choice<RedisRole> kRoles[] = {
    {"any", RedisRole::any}, {"master", RedisRole::master}, {"replica", RedisRole::replica}};

/// The lines of INFO by their names.
class Info {
 public:
  explicit Info(std::string_view text) {
    for (std::string_view line : split(text, '\n')) {
      line = trim(line);
      const std::size_t colon = line.find(':');
      if (colon != std::string_view::npos) values_[line.substr(0, colon)] = line.substr(colon + 1);
    }
  }

  /// Empty if it is not there.
  std::string_view text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string_view() : found->second;
  }
  std::optional<std::int64_t> number(std::string_view name) const { return parse_int(text(name)); }

  bool is_replica() const { return text("role") == "slave"; }

  /// The largest lag that the master sees in its replicas, `slave0:ip=…,state=online,…,lag=1`.
  std::optional<std::int64_t> largest_lag() const {
    std::optional<std::int64_t> largest;
    const std::int64_t count = number("connected_slaves").value_or(0);
    for (std::int64_t i = 0; i < std::min<std::int64_t>(count, 1'000); ++i) {
      const std::string_view line = text("slave" + std::to_string(i));
      const std::size_t at = line.find("lag=");
      if (at == std::string_view::npos) continue;
      const std::string_view rest = line.substr(at + 4);
      const auto lag = parse_int(rest.substr(0, rest.find(',')));
      if (lag && (!largest || *lag > *largest)) largest = lag;
    }
    return largest;
  }

 private:
  std::map<std::string_view, std::string_view> values_;
};

void judge_role(const Info& info, const RedisExpectation& expectation, Findings& findings,
                Value& metadata) {
  const std::string_view role = info.text("role");
  const std::string shown = role == "slave" ? "replica"
                            : role.empty()  ? "unknown"
                                            : printable(role);
  metadata.set("role", shown);
  if (expectation.role == RedisRole::any) return;
  if (role.empty()) return findings.add(HealthStatus::unknown, "it does not tell its role");
  const std::string expected = expectation.role == RedisRole::master ? "master" : "replica";
  if (shown == expected) return;
  findings.add(HealthStatus::degraded, "it is a " + shown + ", expected a " + expected);
}

std::optional<std::int64_t> lag_of(const Info& info) {
  if (!info.is_replica()) return info.largest_lag();
  return info.text("master_link_status") == "up" ? info.number("master_last_io_seconds_ago")
                                                 : info.number("master_link_down_since_seconds");
}

// `since`: for how many seconds it has heard nothing; nothing: it never had a link.
std::string cut_off_from_master(const Info& info, std::optional<std::int64_t> since) {
  std::string master = "its master";
  if (!info.text("master_host").empty()) {
    master += " " + printable(info.text("master_host")) + ":" + printable(info.text("master_port"));
  }
  if (info.number("master_sync_in_progress") == 1) {
    return "it is still being synchronized from " + master;
  }
  if (!since) return "it has no link to " + master;
  return "it has lost " + master + ", " + humanize_duration(seconds{*since}) + " ago";
}

void judge_replication(const Info& info, const RedisExpectation& expectation, Findings& findings,
                       Value& metadata) {
  if (const auto replicas = info.number("connected_slaves")) {
    metadata.set("connected_replicas", *replicas);
  }
  const auto lag = lag_of(info);
  // One that has never had its master says -1.
  const bool known = lag && *lag >= 0;
  if (known) {
    metadata.set("replication_lag_s", *lag);
    set_most(metadata, "replication_lag_s", limit_in_seconds(expectation.replication_lag.warning),
             limit_in_seconds(expectation.replication_lag.critical));
  }
  const bool cut_off = info.is_replica() && info.text("master_link_status") != "up";
  if (cut_off) {
    findings.add(HealthStatus::degraded, cut_off_from_master(info, known ? lag : std::nullopt));
  }
  const LatencyLimits& limits = expectation.replication_lag;
  if (!limits.warning && !limits.critical) return;
  if (!known) {
    if (info.is_replica() && !cut_off) {
      findings.add(HealthStatus::unknown, "it does not tell how far it is behind");
    }
    // A master without replicas has none that is behind.
    return;
  }
  const auto exceeds = [&](const std::optional<Millis>& limit) {
    return limit && seconds{*lag} >= *limit;
  };
  const std::string behind = (info.is_replica() ? "it is " : "a replica is ") +
                             humanize_duration(seconds{*lag}) + " behind";
  if (exceeds(limits.critical)) {
    findings.add(HealthStatus::unhealthy,
                 behind + " (critical from " + format_duration(*limits.critical) + ")");
  } else if (exceeds(limits.warning)) {
    findings.add(HealthStatus::degraded,
                 behind + " (warning from " + format_duration(*limits.warning) + ")");
  }
}

void judge_memory(const Info& info, const RedisExpectation& expectation, Findings& findings,
                  Value& metadata) {
  const auto used = info.number("used_memory");
  const auto limit = info.number("maxmemory");
  if (used) metadata.set("used_memory", *used);
  if (limit) metadata.set("maxmemory", *limit);
  if (const auto evicted = info.number("evicted_keys")) {
    metadata.set("evicted_keys", *evicted);
  }
  const bool known = used && limit && *limit > 0;
  const double percent = known ? 100 * static_cast<double>(*used) / static_cast<double>(*limit) : 0;
  if (known) {
    metadata.set("memory_percent", percent);
    const auto limit_of = [](double share) {
      return share > 0 ? std::optional(share) : std::nullopt;
    };
    set_most(metadata, "memory_percent", limit_of(expectation.memory.warning),
             limit_of(expectation.memory.critical));
  }
  if (!expectation.memory.any()) return;
  if (!known) {
    return findings.add(
        HealthStatus::unknown,
        "it has no limit on its memory (maxmemory), of which a share could be used");
  }
  const auto exceeds = [&](HealthStatus status, const char* name, double share) {
    if (share <= 0 || percent < share) return false;
    findings.add(status, "it uses " + format_double(std::floor(percent * 10) / 10) +
                             "% of its memory, " +
                             humanize_size(static_cast<std::uint64_t>(*limit)) + " (" + name +
                             " from " + format_double(share) + "%)");
    return true;
  };
  if (!exceeds(HealthStatus::unhealthy, "critical", expectation.memory.critical)) {
    exceeds(HealthStatus::degraded, "warning", expectation.memory.warning);
  }
}

// A server that is to keep everything and evicts keys loses them without an error.
void judge_eviction(const Info& info, const RedisExpectation& expectation, Findings& findings,
                    Value& metadata) {
  const std::string_view policy = info.text("maxmemory_policy");
  if (!policy.empty()) metadata.set("maxmemory_policy", printable(policy));
  if (expectation.maxmemory_policy.empty()) return;
  if (policy.empty()) {
    return findings.add(HealthStatus::unknown, "it does not tell its maxmemory-policy");
  }
  if (equals_ignore_case(policy, expectation.maxmemory_policy)) return;
  const std::int64_t evicted = info.number("evicted_keys").value_or(0);
  findings.add(
      HealthStatus::degraded,
      "its maxmemory-policy is " + printable(policy) + ", expected " +
          printable(expectation.maxmemory_policy) +
          (evicted > 0 ? ", and it has evicted " + std::to_string(evicted) + " keys" : ""));
}

// `save`: its save points, which it need not tell.
void judge_persistence(const Info& info, const std::optional<std::string>& save,
                       Findings& findings) {
  if (info.text("aof_enabled") != "1" && !save) {
    findings.add(HealthStatus::unknown,
                 "it does not tell whether it keeps anything on disk (CONFIG GET save)");
  } else if (info.text("aof_enabled") != "1" && trim(*save).empty()) {
    findings.add(HealthStatus::degraded,
                 "it keeps nothing on disk (appendonly no, and no save points), so that a restart "
                 "forgets everything");
  }
  constexpr std::pair<std::string_view, std::string_view> kSaves[] = {
      {"rdb_last_bgsave_status", "its last save"},
      {"aof_last_bgrewrite_status", "the last rewrite of its log"},
      {"aof_last_write_status", "the last write of its log"}};
  if (info.text(kSaves[0].first).empty()) {
    findings.add(HealthStatus::unknown, "it does not tell how its saves went");
  }
  for (const auto& [name, what] : kSaves) {
    const std::string_view status = info.text(name);
    if (status.empty() || status == "ok") continue;
    findings.add(HealthStatus::degraded, std::string(what) + " has failed; look into its log");
  }
}

}  // namespace

bool RedisExpectation::asks() const {
  return role != RedisRole::any || replication_lag.warning || replication_lag.critical ||
         memory.any() || persistence || !maxmemory_policy.empty() || evictions_warning ||
         evictions_critical;
}

// A server that is started again counts from 0, under another run_id.
std::optional<GrowingCount> evictions_of(const storage::RedisPing& told,
                                         const RedisExpectation& expectation, Findings& findings) {
  if (!expectation.evictions_warning && !expectation.evictions_critical) return std::nullopt;
  const Info info(told.info);
  const auto evicted = info.number("evicted_keys");
  if (!evicted) {
    findings.add(HealthStatus::unknown, "it does not tell how many keys it has evicted");
    return std::nullopt;
  }
  GrowingCount count{.name = "evicted_keys",
                     .before = "it has evicted",
                     .after = "keys",
                     .total = *evicted,
                     .counter = printable(info.text("run_id"))};
  if (const auto uptime = info.number("uptime_in_seconds")) count.age = seconds{*uptime};
  count.warning = expectation.evictions_warning;
  count.critical = expectation.evictions_critical;
  return count;
}

void visit_fields(FieldVisitor& fields, RedisExpectation& expectation) {
  fields.choice({"role", "What the server must be. Another one is degraded."}, expectation.role,
                std::span<const Choice<RedisRole>>(kRoles));
  fields.section({"replication_lag", "How far a replica may be behind, in whole seconds."},
                 [&](FieldVisitor& lag) {
                   lag.duration({"warning", "From so far on it is degraded.", "10s"},
                                expectation.replication_lag.warning, kTimeoutRange);
                   lag.duration({"critical", "From so far on it is unhealthy.", "60s"},
                                expectation.replication_lag.critical, kTimeoutRange);
                 });
  fields.section(
      {"memory", "Which share of its limit, maxmemory, the server may use."},
      [&](FieldVisitor& memory) {
        ShareLimits& limits = expectation.memory;
        memory.percent({"warning", "From this share on it is degraded; 0%: never.", "80%"},
                       limits.warning);
        memory.percent({"critical", "From this share on it is unhealthy; 0%: never.", "95%"},
                       limits.critical);
        if (limits.critical > 0 && limits.warning > limits.critical) {
          memory.error("warning", "is above critical, which would hide it");
        }
      });
  fields.section(
      {"evictions",
       "How many keys the server may evict, since its memory is full, between two runs of this "
       "check on this host."},
      [&](FieldVisitor& evictions) {
        constexpr Range<std::int64_t> kCounts = {1, 1'000'000'000'000};
        evictions.integer({"warning", "From so many on it is degraded.", "1"},
                          expectation.evictions_warning, kCounts);
        evictions.integer({"critical", "From so many on it is unhealthy.", "1000"},
                          expectation.evictions_critical, kCounts);
        const auto& warning = expectation.evictions_warning;
        const auto& critical = expectation.evictions_critical;
        if (warning && critical && *warning > *critical) {
          evictions.error("warning", "is above critical, which would hide it");
        }
      });
  fields.boolean(
      {"persistence",
       "Whether it must keep its data on disk: none kept, or a save that failed, is degraded."},
      expectation.persistence);
  fields.text({"maxmemory_policy",
               "What it must do when its memory is full, as maxmemory-policy of its configuration "
               "says; empty: anything. Another policy is degraded.",
               "noeviction"},
              expectation.maxmemory_policy);
}

void judge_redis(const storage::RedisPing& told, const RedisExpectation& expectation,
                 Findings& findings, Value& metadata) {
  const Info read(told.info);
  judge_role(read, expectation, findings, metadata);
  judge_replication(read, expectation, findings, metadata);
  judge_memory(read, expectation, findings, metadata);
  judge_eviction(read, expectation, findings, metadata);
  if (expectation.persistence) judge_persistence(read, told.save, findings);
}

}  // namespace rz::health
