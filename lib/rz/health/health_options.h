#pragma once

#include <string>
#include <variant>
#include <vector>

#include "rz/base/clock.h"
#include "rz/health/check_options.h"
#include "rz/metrics/sink_options.h"
#include "rz/storage/storage_options.h"

namespace rz {

/// `type: redis`: the server answers PING with what the URL's user may do.
struct RedisCheckOptions : CheckOptions {
  StorageOptions server;  ///< Retries are those of CheckOptions; `server.max_retries` is not used.
};

/// `type: http`: a request to a downstream service.
struct HttpCheckOptions : CheckOptions {
  std::string url;
  int expected_status = 200;
};

/// `type: disk`: space on the file system that holds `path`, as its unprivileged users see it.
struct DiskCheckOptions : CheckOptions {
  std::string path = "/";
  double warning = 80;   ///< Percent used, from which on it is degraded.
  double critical = 95;  ///< Percent used, from which on it is unhealthy.
};

/// `type: component`: what the component last said of itself (ComponentRegistry).
struct ComponentCheckOptions : CheckOptions {
  std::string component;
  Millis interval{0};  ///< It reports at least so often; 0: any report will do, however old.
  Millis grace{0};     ///< Lateness forgiven beyond `interval`.
};

/// One entry of `health.checks`.
using CheckSpec =
    std::variant<RedisCheckOptions, HttpCheckOptions, DiskCheckOptions, ComponentCheckOptions>;

/// The parts that every check has.
inline const CheckOptions& common(const CheckSpec& spec) {
  return std::visit([](const CheckOptions& options) -> const CheckOptions& { return options; },
                    spec);
}

struct BreakerOptions {
  int failure_threshold = 5;        ///< Consecutive failures that open it.
  Millis recovery_timeout{60'000};  ///< Open for so long, then half open.
  int success_threshold = 2;        ///< Successes in a row that close it from half open.
  int probes = 1;                   ///< Calls that are allowed at a time while it is half open.
};

struct HealthOptions {
  Millis timeout{30'000};  ///< Of a whole run.
  int concurrency = 64;    ///< Checks at the same time.
  Millis failure_window{std::chrono::hours{1}};
  std::vector<CheckSpec> checks;        ///< Empty: the disk of `/` and the store.
  std::vector<std::string> components;  ///< The names that may report; empty: any.
  BreakerOptions breaker;
  std::vector<SinkOptions> metrics;
};

}  // namespace rz
