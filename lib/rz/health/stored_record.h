#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/storage/storage.h"

namespace rz::health {

/// The JSON object at `key`; nothing if there is none.
/// Errors: those of the store; corrupt if it is not an object, with the key and what to do.
Result<std::optional<Value>> read_record(Storage& storage, std::string_view key);

/// A record, and its name within its collection.
struct NamedRecord {
  std::string name;
  Value record;
};

/// The records of a collection, by name, read together. For one that is not an object the error is
/// added to `unreadable`.
/// Errors: those of the store.
Result<std::vector<NamedRecord>> read_records(Storage& storage, std::string_view collection,
                                              std::vector<Error>& unreadable);

/// What a record becomes, and how long it lives from now on; nothing: for ever.
struct NewRecord {
  Value record;
  std::optional<Millis> ttl{};
};

/// The longest name of a component or a breaker, bytes: it is a column of tables, and part of a
/// key.
inline constexpr std::size_t kMaxRecordName = 255;

/// Replaces each of the records at `collection` + name, members of the collection, by what `change`
/// makes of it: it gets the number of the name. All are written in one commit. `names` differ.
/// Otherwise, and the errors: as update_record.
Result<std::vector<Value>> update_records(
    Storage& storage, std::string_view collection, const std::vector<std::string>& names,
    const std::function<Result<NewRecord>(std::size_t, const std::optional<Value>&)>& change);

/// Replaces the record at `collection` + `name`, a member of the collection, by what `change` makes
/// of it (nothing: it was absent). It reads and writes with compare-and-set, and starts again if
/// another process wrote meanwhile, so `change` may run several times. Returns what was written.
/// Errors: those of the store and of `change`; invalid_argument (a longer name); conflict after
/// many lost races. If the answer to the write is lost, that error is returned, since a second try
/// could count twice.
Result<Value> update_record(Storage& storage, std::string_view collection, std::string_view name,
                            const std::function<Result<Value>(const std::optional<Value>&)>& change,
                            std::optional<Millis> ttl = std::nullopt);

}  // namespace rz::health
