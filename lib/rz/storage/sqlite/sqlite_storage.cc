#include "rz/storage/sqlite/sqlite_storage.h"

#include <utility>

#include "rz/base/module.h"

namespace rz {

Result<std::unique_ptr<Storage>> open_sqlite_storage(const std::string& path,
                                                     const StorageOptions& options, Clock& clock) {
  const Result<void*> factory = module_symbol("sqlite", kSqliteFactory);
  if (!factory) return fail(factory.error());
  Result<std::unique_ptr<Storage>> storage;
  reinterpret_cast<SqliteFactory*> (*factory)(path, options, clock, storage);
  return storage;
}

}  // namespace rz
