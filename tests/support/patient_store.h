#pragma once

#include <memory>
#include <string>

#include "rz/storage/sqlite/sqlite_storage.h"
#include "support/patience.h"

namespace rz::test {

/// An SQLite store for which many processes or threads wait: on a slow machine the turn of the last
/// one may come after a long while.
inline Result<std::unique_ptr<Storage>> open_patiently(const std::string& path,
                                                       Clock& clock = SystemClock::instance()) {
  StorageOptions options;
  options.timeout = options.deadline = kPatience;
  return storage::open_sqlite_storage(path, options, clock);
}

}  // namespace rz::test
