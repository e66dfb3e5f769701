#include "rz/health/stored_record.h"

#include "rz/base/json.h"
#include "rz/base/text.h"

namespace rz::health {
namespace {

// A race is lost only if another process wrote meanwhile, so this many in a row do not happen. The
// bound only keeps a faulty store from causing an endless loop.
constexpr int kMaxRaces = 1000;

Result<Value> decode(std::string_view key, const std::string& bytes) {
  auto value = parse_json(bytes);
  if (value && value->as_object()) return value;
  return fail(
      ErrorCode::corrupt,
      "the stored record is not a JSON object; look at it, and remove the key to start anew",
      printable(key));
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

Result<Value> update_record(Storage& storage, std::string_view collection, std::string_view name,
                            const std::function<Result<Value>(const std::optional<Value>&)>& change,
                            std::optional<Millis> ttl) {
  if (name.size() > kMaxRecordName) {
    return fail(ErrorCode::invalid_argument,
                "a name may have " + std::to_string(kMaxRecordName) +
                    " bytes at most, but this has " + std::to_string(name.size()),
                printable(name.substr(0, 40)) + "…");
  }
  const std::string key = std::string(collection).append(name);
  for (int round = 0; round < kMaxRaces; ++round) {
    const auto bytes = storage.get(key);
    if (!bytes) return fail(bytes.error());
    std::optional<Value> before;
    Batch batch;
    if (*bytes) {
      auto value = decode(key, **bytes);
      if (!value) return value;
      before = std::move(*value);
      batch.expect(key, **bytes);
    } else {
      batch.expect_absent(key);
    }
    auto after = change(before);
    if (!after) return after;
    batch.set_member(std::string(collection), name, to_json(*after), ttl);
    const auto won = storage.commit(batch);
    if (!won) return fail(won.error());
    if (*won == Commit::done) return after;
  }
  return fail(ErrorCode::conflict, "the record kept changing; try again", printable(key));
}

}  // namespace rz::health
