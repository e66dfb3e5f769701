#pragma once

#include <string>

namespace rz {

/// One sink of the config's `health.metrics`.
struct SinkOptions {
  enum class Type { noop, logging, prometheus, statsd };
  enum class Level { debug, info, warning, error };

  Type type = Type::noop;
  std::string path;                         ///< prometheus: the textfile.
  Level level = Level::info;                ///< logging.
  std::string address = "127.0.0.1:8125";   ///< statsd.
  bool dogstatsd = false;                   ///< statsd: tags as `|#k:v`.
};

}  // namespace rz
