#pragma once

#include <memory>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/storage.h"
#include "rz/storage/storage_options.h"

#pragma GCC visibility push(default)
namespace rz {

/// Opens the store that `options.url` names (RedisStorage, SqliteStorage, MemoryStorage). For Redis
/// nothing is sent before the first call. `clock` must outlive the store.
/// Errors: invalid_argument (the URL), unavailable, corrupt.
Result<std::unique_ptr<Storage>> open_storage(const StorageOptions& options,
                                              Clock& clock = SystemClock::instance());

/// What tells the store of `options` from every other one, whoever asks on this machine: the URL
/// without user, secrets and TLS, its hosts sorted, a path made absolute (by its name: it does not
/// matter what exists and where links lead), and the key prefix. Empty for a store of this process
/// alone, and for an invalid URL.
std::string store_identity(const StorageOptions& options);

}  // namespace rz
#pragma GCC visibility pop
