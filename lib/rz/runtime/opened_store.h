#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/notices.h"
#include "rz/base/result.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/storage.h"

namespace rz::runtime {

/// What becomes of a store that is a file which does not exist.
enum class AbsentStore {
  create,
  read_as_empty,  ///< By a command that only reads, unless this host knows anything of the store.
  never_create,   ///< By a command that says what it would do, whatever this host knows.
};

/// How a store is opened.
struct StoreOpening {
  StorageOptions options{};
  std::string source{};  ///< Where the URL came from, for messages, if not from a configuration.
  /// Whether a store that cannot be opened is tried again at later calls.
  bool reopens = false;
  AbsentStore absent = AbsentStore::create;
  /// Whether this host knows anything of the store. Asked only if the store is absent.
  std::function<bool()> is_known{};
};

struct OpenedStore {
  std::unique_ptr<Storage> storage;
  /// The outage that opening met, for good: every call of `storage` answers it.
  std::optional<Error> outage{};
};

/// Opens a store. What a person should know goes to `notices`. `clock` must outlive the store.
/// Errors: those of open_storage(), but an outage is part of the answer.
Result<OpenedStore> open_store(const StoreOpening& opening, Notices& notices, Clock& clock);

/// The path of a store that is a file, which need not exist; empty: it is none, or the URL is
/// wrong.
std::string file_of_store(const StorageOptions& options);

}  // namespace rz::runtime
