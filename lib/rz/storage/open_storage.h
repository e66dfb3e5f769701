#pragma once

#include <memory>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/storage.h"
#include "rz/storage/storage_options.h"

namespace rz {

/// Opens the store that `options.url` names (RedisStorage, SqliteStorage, MemoryStorage). For Redis
/// nothing is sent before the first call. `clock` must outlive the store.
/// Errors: invalid_argument (the URL), unavailable, corrupt.
Result<std::unique_ptr<Storage>> open_storage(const StorageOptions& options,
                                              Clock& clock = SystemClock::instance());

}  // namespace rz
