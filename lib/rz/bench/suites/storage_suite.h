#pragma once

#include <string>
#include <vector>

#include "rz/bench/benchmark.h"
#include "rz/storage/storage_options.h"

namespace rz::bench {

/// `storage/ENGINE/get` and `storage/ENGINE/set`, each of one key with a value of 100 bytes, on the
/// store that `options` name. The key begins with `rz:bench:`, is of this process alone, and
/// expires after ten minutes if the run is killed; else it is removed at the end.
std::vector<Benchmark> storage_suite(const std::string& engine, const StorageOptions& options);

/// The same as `storage/sqlite/…`, in a new file in a folder of its own under TMPDIR, which is
/// removed with the last of the operations.
std::vector<Benchmark> temporary_sqlite_suite();

}  // namespace rz::bench
