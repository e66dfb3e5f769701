#pragma once

#include <string>

namespace rz {

/// One sink of the config's `health.metrics`.
struct SinkOptions {
  enum class Type { noop, logging, prometheus, statsd };
  enum class Level { debug, info, warning, error };

  Type type = Type::noop;
  std::string path;                        ///< prometheus: the textfile.
  Level level = Level::info;               ///< logging: of every line.
  std::string address = "127.0.0.1:8125";  ///< statsd: `host:port` or `[v6]:port`.
  bool dogstatsd = false;                  ///< statsd: tags as `|#k:v`.
};

}  // namespace rz
