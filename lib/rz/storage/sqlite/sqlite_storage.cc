#include "rz/storage/sqlite/sqlite_storage.h"

#include <utility>

#include "rz/storage/sqlite/sqlite_module.h"

namespace rz::storage {

Result<std::unique_ptr<Storage>> open_sqlite_storage(const std::string& path,
                                                     const StorageOptions& options, Clock& clock) {
  const auto open = load_module(kSqliteModule);
  if (!open) return fail(open.error());
  Result<std::unique_ptr<Storage>> storage;
  (*open)(path, options, clock, storage);
  return storage;
}

}  // namespace rz::storage
