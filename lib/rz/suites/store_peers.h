#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/storage/open_storage.h"

namespace rz::suites {

/// A program of others that does to a store what a benchmark of rz does.
struct StorePeer {
  std::string name;  ///< `peer/redis-benchmark/set`.
  /// Nanoseconds of one operation, measured anew.
  std::function<Result<double>()> sample;
};

/// `redis-benchmark` on the Redis that `options` name, with one connection: `get` and `set` one
/// after the other, `get_many` and `set_many` in pipelines of 1,000. None for a Redis that is
/// reached with a password, by TLS, or through sentinels or a cluster: a password would stand among
/// the arguments, and it speaks to a single server.
std::vector<StorePeer> redis_peers(const StorageOptions& options);

/// `sqlite3` on a new file under TMPDIR: `set` with a commit for each, synced as rz has it.
std::vector<StorePeer> sqlite_peers();

/// The operations a second in what `redis-benchmark --csv` prints; 0 if there are none.
double rate_in_csv(std::string_view csv);

}  // namespace rz::suites
