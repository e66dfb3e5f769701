#pragma once

#include <memory>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/storage.h"

namespace rz::storage {

/// Opens the SQLite file at `path`, which any number of processes of this machine may share.
/// Creates it (its mode follows the umask) and its folders (mode 0700) where they are missing. What
/// a call has written survives a crash and a loss of power.
///
/// Of `options` it uses `timeout` (the longest wait for another process' write), `deadline` and
/// `key_prefix`. Expiry is to the millisecond of `clock`, which must outlive the store; waiting is
/// by real time. A store must not be used after a fork: the child opens its own. The first call
/// loads SQLite.
///
/// Errors: invalid_argument (`path` names no file: empty, `:memory:`), unavailable (no rights,
/// locked for too long, a full disk), unsupported (a disk that cannot share memory between
/// processes, a file of a newer rz, a path that is no regular file), corrupt (no database, damaged,
/// or the file of another program, which is left as it is).
Result<std::unique_ptr<Storage>> open_sqlite_storage(const std::string& path,
                                                     const StorageOptions& options = {},
                                                     Clock& clock = SystemClock::instance());

}  // namespace rz::storage
