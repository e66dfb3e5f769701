#include "rz/storage/sqlite_storage.h"

#include <doctest/doctest.h>

#include <memory>

#include "storage/storage_contract.h"
#include "support/temp_folder.h"

namespace rz {
namespace {

/// A fresh file, the clock it goes by, and the folder that goes when the last handle is gone.
StorageBackend sqlite_backend() {
  struct File {
    TempFolder folder;
    ManualClock clock;
  };
  const auto file = std::make_shared<File>();
  return {.open =
              [file] {
                auto storage = open_sqlite_storage(file->folder / "rz.db", {}, file->clock);
                REQUIRE_MESSAGE(storage.has_value(), to_string(storage.error()));
                return *std::move(storage);
              },
          .advance = [file](Millis time) { file->clock.advance(time); }};
}

RZ_TEST_STORAGE_CONTRACT("SQLite", sqlite_backend);

}  // namespace
}  // namespace rz
