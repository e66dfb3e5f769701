#pragma once

#include <memory>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/sqlite/sqlite_connection.h"

namespace rz {

/// Creates the file and its folders where they are missing, opens the file, and makes sure that it
/// is rz's, of the current schema, in WAL mode. Any number of processes may do so at once. A file
/// of another program is read and not changed.
/// Errors: as open_sqlite_storage.
Result<std::unique_ptr<SqliteConnection>> open_sqlite_file(const std::string& path, Millis timeout,
                                                           Millis deadline);

}  // namespace rz
