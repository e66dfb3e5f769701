#pragma once

#include <memory>
#include <string>

#include "rz/base/module.h"
#include "rz/storage/sqlite/sqlite_storage.h"

/// As rz::open_sqlite_storage. The answer is in `storage`, as C++ may not return a Result from a
/// function with C linkage.
extern "C" [[gnu::visibility("default")]] void rz_open_sqlite_storage(
    const std::string& path, const rz::StorageOptions& options, rz::Clock& clock,
    rz::Result<std::unique_ptr<rz::Storage>>& storage);

namespace rz::storage {

inline constexpr Module<decltype(rz_open_sqlite_storage)> kSqliteModule{
    "sqlite", "rz_open_sqlite_storage", "libsqlite3-0"};

}  // namespace rz::storage
