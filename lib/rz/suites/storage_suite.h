#pragma once

#include <string>
#include <vector>

#include "rz/bench/benchmark.h"
#include "rz/storage/open_storage.h"

namespace rz::suites {

/// How much of a store is measured.
enum class StorageLoad {
  brief,  ///< `get` and `set` of one key, `commit` (what a transition is) and `read_log` (the
          ///< newest ten of a hundred).
  full,   ///< Also `get_many`, `set_many` and `set_many_expiring`: 1,000 keys in one call; an
          ///< iteration is one of them.
};

/// `storage/ENGINE/get` and so on, with values of 100 bytes, on the store that `options` name. The
/// keys begin with `rz:bench:`, are of this process alone, and are removed at the end, or expire
/// after ten minutes, but for those of `set_many`. The records of the log `rz:bench` likewise; in
/// Redis entries of its index stay, which the next run takes away.
std::vector<bench::Benchmark> storage_suite(const std::string& engine,
                                            const StorageOptions& options,
                                            StorageLoad load = StorageLoad::brief);

/// The same as `storage/sqlite/…`, in a new file in a folder of its own, which is removed with the
/// last of the operations. The full load measures it on the disk that TMPDIR is on; the brief one,
/// which is to show what rz and SQLite do themselves, in memory where that can be
/// (ScratchFolder::make_in_memory): a disk differs by many times from one minute to the next.
std::vector<bench::Benchmark> temporary_sqlite_suite(StorageLoad load = StorageLoad::brief);

}  // namespace rz::suites
