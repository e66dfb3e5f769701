#include "rz/storage/read_ahead.h"

#include <utility>

namespace rz::storage {

void ReadAhead::fetch(const ReadSet& what) {
  auto answer = target().read_together(what);
  const std::lock_guard lock(mutex_);
  values_.clear();
  members_.clear();
  logs_.clear();
  for (std::size_t i = 0; i < what.keys.size(); ++i) {
    Value value = answer ? std::move(answer->values[i]) : Value(fail(answer.error()));
    values_.emplace(what.keys[i], std::move(value));
  }
  for (std::size_t i = 0; i < what.collections.size(); ++i) {
    Members members = answer ? std::move(answer->collections[i]) : Members(fail(answer.error()));
    members_.emplace(what.collections[i], std::move(members));
  }
  for (std::size_t i = 0; i < what.logs.size(); ++i) {
    logs_.emplace(what.logs[i], answer ? answer->logs[i] : Result<bool>(fail(answer.error())));
  }
}

std::optional<ReadAhead::Value> ReadAhead::take(std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  std::optional<Value> value(std::move(found->second));
  values_.erase(found);
  return value;
}

// Nothing unless all of the keys were read ahead. If one of them is an error, that is the answer.
std::optional<Result<std::vector<std::optional<std::string>>>> ReadAhead::take_all(
    std::span<const std::string> keys) {
  const std::lock_guard lock(mutex_);
  for (const std::string& key : keys) {
    if (values_.find(key) == values_.end()) return std::nullopt;
  }
  for (const std::string& key : keys) {
    const Value& value = values_.find(key)->second;
    if (!value) return fail(value.error());
  }
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  // A key may be named twice.
  for (const std::string& key : keys) values.push_back(*values_.find(key)->second);
  for (const std::string& key : keys) values_.erase(key);
  return values;
}

void ReadAhead::forget() {
  const std::lock_guard lock(mutex_);
  values_.clear();
  members_.clear();
  logs_.clear();
}

Result<std::optional<std::string>> ReadAhead::get(std::string_view key) {
  if (auto value = take(key)) return *std::move(value);
  return target().get(key);
}

Result<std::vector<std::optional<std::string>>> ReadAhead::get_many(
    std::span<const std::string> keys) {
  if (auto values = take_all(keys)) return *std::move(values);
  return target().get_many(keys);
}

Result<std::vector<KeyValue>> ReadAhead::read_collection(std::string_view collection) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = members_.find(collection);
    if (found != members_.end()) {
      Members members = std::move(found->second);
      members_.erase(found);
      return members;
    }
  }
  return target().read_collection(collection);
}

Result<std::vector<LogRecord>> ReadAhead::read_log(std::string_view log, const LogRange& range) {
  std::optional<Result<bool>> known;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = logs_.find(log); found != logs_.end()) {
      known = std::move(found->second);
      logs_.erase(found);
    }
  }
  if (known && !*known) return fail(known->error());
  // Only an empty log can be answered from here: the range was not known when it was read ahead.
  if (known && !**known) return std::vector<LogRecord>{};
  return target().read_log(log, range);
}

Result<ReadAnswer> ReadAhead::read_together(const ReadSet& what) {
  return target().read_together(what);
}

// It writes only kProbeKey, which nobody reads ahead, so nothing is discarded.
Result<StoreProbe> ReadAhead::probe() { return target().probe(); }

Result<void> ReadAhead::set(std::string_view key, std::string_view value,
                            std::optional<Millis> expire) {
  forget();
  return target().set(key, value, expire);
}

Result<bool> ReadAhead::remove(std::string_view key) {
  forget();
  return target().remove(key);
}

Result<bool> ReadAhead::expire(std::string_view key, Millis after) {
  forget();
  return target().expire(key, after);
}

Result<std::int64_t> ReadAhead::increment(std::string_view key, std::int64_t by,
                                          std::optional<Millis> expire) {
  forget();
  return target().increment(key, by, expire);
}

Result<Commit> ReadAhead::commit(const Batch& batch) {
  forget();
  return target().commit(batch);
}

}  // namespace rz::storage
