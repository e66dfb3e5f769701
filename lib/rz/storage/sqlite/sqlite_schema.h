#pragma once

#include <memory>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/sqlite/sqlite_connection.h"

namespace rz::storage {

/// One row: up to when the clocks of those who wrote are believed, in unix milliseconds (see
/// SqliteStorage::purge). A file that an earlier rz made gets it with the next write.
inline constexpr const char* kCreateClock =
    "CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY CHECK (id = 1), seen INTEGER NOT "
    "NULL)"
    " STRICT";

/// Creates the file and its folders where they are missing, opens the file, and makes sure that it
/// is rz's, of the current schema, in WAL mode. Any number of processes may do so at once. A file
/// of another program is read and not changed. Uses of `options` what open_sqlite_storage() does.
/// Errors: as open_sqlite_storage.
Result<std::unique_ptr<SqliteConnection>> open_sqlite_file(const std::string& path,
                                                           const StorageOptions& options);

}  // namespace rz::storage
