#include "rz/health/stored_record.h"

#include "rz/base/json.h"
#include "rz/base/text.h"

namespace rz::health {
namespace {

// A race is lost only if another process wrote meanwhile, so this many in a row do not happen. The
// bound only keeps a faulty store from causing an endless loop.
constexpr int kMaxRecordRaces = 1000;

Result<Value> decode(std::string_view key, const std::string& bytes) {
  auto value = parse_json(bytes);
  if (value && value->as_object()) return value;
  return fail(
      ErrorCode::corrupt,
      "the stored record is not a JSON object; look at it, and remove the key to start anew",
      printable(key));
}

Result<void> check_length(std::string_view name) {
  if (name.size() <= kMaxRecordName) return {};
  return fail(ErrorCode::invalid_argument,
              "a name may have " + std::to_string(kMaxRecordName) +
                  " bytes at most, but this has " + std::to_string(name.size()),
              printable(name.substr(0, 40)) + "…");
}

// What is read ahead for one key answers its get, and no get_many.
Result<std::vector<std::optional<std::string>>> read_for_update(
    Storage& storage, const std::vector<std::string>& keys) {
  if (keys.size() > 1) return storage.get_many(keys);
  auto bytes = storage.get(keys.front());
  if (!bytes) return fail(std::move(bytes).error());
  return std::vector<std::optional<std::string>>{std::move(*bytes)};
}

}  // namespace

Result<std::optional<Value>> read_record(Storage& storage, std::string_view key) {
  const auto bytes = storage.get(key);
  if (!bytes) return fail(bytes.error());
  if (!*bytes) return std::optional<Value>{};
  auto value = decode(key, **bytes);
  if (!value) return fail(std::move(value).error());
  return std::optional<Value>(std::move(*value));
}

Result<std::vector<NamedRecord>> read_records(Storage& storage, std::string_view collection,
                                              std::vector<Error>& unreadable) {
  const auto members = storage.read_collection(collection);
  if (!members) return fail(members.error());
  std::vector<NamedRecord> records;
  for (const auto& [key, bytes] : *members) {
    auto value = decode(key, bytes);
    if (value) {
      records.push_back({key.substr(collection.size()), *std::move(value)});
    } else {
      unreadable.push_back(std::move(value).error());
    }
  }
  return records;
}

Result<std::vector<Value>> update_records(
    Storage& storage, std::string_view collection, const std::vector<std::string>& names,
    const std::function<Result<NewRecord>(std::size_t, const std::optional<Value>&)>& change) {
  std::vector<std::string> keys;
  for (const std::string& name : names) {
    if (auto valid = check_length(name); !valid) return fail(std::move(valid).error());
    keys.push_back(std::string(collection).append(name));
  }
  for (int round = 0; round < kMaxRecordRaces; ++round) {
    const auto stored = read_for_update(storage, keys);
    if (!stored) return fail(stored.error());
    Batch batch;
    std::vector<Value> written;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::optional<std::string>& bytes = (*stored)[i];
      std::optional<Value> before;
      if (bytes) {
        auto value = decode(keys[i], *bytes);
        if (!value) return fail(std::move(value).error());
        before = std::move(*value);
      }
      batch.expect(keys[i], bytes);
      auto after = change(i, before);
      if (!after) return fail(std::move(after).error());
      batch.set_member(std::string(collection), names[i], to_json(after->record), after->ttl);
      written.push_back(std::move(after->record));
    }
    const auto won = storage.commit(batch);
    if (!won) return fail(won.error());
    if (*won == Commit::done) return written;
  }
  return fail(ErrorCode::conflict, "the record kept changing; try again", printable(keys.front()));
}

Result<Value> update_record(Storage& storage, std::string_view collection, std::string_view name,
                            const std::function<Result<Value>(const std::optional<Value>&)>& change,
                            std::optional<Millis> ttl) {
  auto written =
      update_records(storage, collection, {std::string(name)},
                     [&](std::size_t, const std::optional<Value>& before) -> Result<NewRecord> {
                       auto after = change(before);
                       if (!after) return fail(std::move(after).error());
                       return NewRecord{std::move(*after), ttl};
                     });
  if (!written) return fail(std::move(written).error());
  return std::move(written->front());
}

}  // namespace rz::health
