#include "rz/storage/redis/redis_batch.h"

#include <algorithm>
#include <utility>

#include "rz/base/timestamp.h"
#include "rz/storage/redis/redis_reader.h"

namespace rz::storage {

RedisBatch::RedisBatch(const Batch& batch, std::string_view key_prefix) : prefix_(key_prefix) {
  LastWrites writes;
  for (const Batch::Write& write : batch.writes) {
    if (const auto* set = std::get_if<Batch::Set>(&write)) {
      writes[prefix_ + set->key] = {set->value, set->expire};
    } else if (const auto* remove = std::get_if<Batch::Remove>(&write)) {
      writes[prefix_ + remove->key] = {};
    } else if (const auto* append = std::get_if<Batch::Append>(&write)) {
      writes[key_of(*append)] = {append->value, append->expire};
    }
  }
  std::size_t removals = 0;
  for (const auto& [key, write] : writes) removals += write.value ? 0 : 1;

  arguments_.resize(3);
  add_expectations(batch);
  arguments_[0] = text(std::to_string(keys_.size()));
  arguments_[1] = text(std::to_string(removals));
  arguments_[2] = text(std::to_string(writes.size() - removals));
  add_writes(writes);
  first_entry_ = keys_.size();
  for (const Batch::Write& write : batch.writes) {
    const auto* append = std::get_if<Batch::Append>(&write);
    // A record that the batch removes again needs no entry.
    if (append != nullptr && writes[key_of(*append)].value) add_entry(*append);
  }
  for (const auto& [key, write] : writes) {
    if (!write.value) add_removed_entry(std::string_view(key).substr(prefix_.size()));
  }
  for (const Batch::Write& write : batch.writes) {
    const auto* set = std::get_if<Batch::Set>(&write);
    if (set != nullptr && !set->collection.empty()) add_member(*set);
  }
}

void RedisBatch::add_expectations(const Batch& batch) {
  for (const Batch::Expectation& expectation : batch.expectations) {
    keys_.push_back(prefix_ + expectation.key);
    arguments_.push_back(expectation.value ? "=" : "!");
    arguments_.push_back(expectation.value ? std::string_view(*expectation.value) : "");
  }
  for (const Batch::Write& write : batch.writes) {
    const auto* append = std::get_if<Batch::Append>(&write);
    if (append == nullptr) continue;
    keys_.push_back(key_of(*append));
    arguments_.insert(arguments_.end(), {"+", ""});
  }
}

void RedisBatch::add_writes(const LastWrites& writes) {
  for (const auto& [key, write] : writes) {
    if (!write.value) keys_.push_back(key);
  }
  for (const auto& [key, write] : writes) {
    if (!write.value) continue;
    keys_.push_back(key);
    arguments_.push_back(*write.value);
    arguments_.push_back(write.expire ? text(std::to_string(write.expire->count())) : "");
  }
}

void RedisBatch::add_entry(const Batch::Append& append) {
  const std::string_view key = text(key_of(append));
  const std::size_t start = prefix_.size() + append.log.size() + 1;
  keys_.push_back(log_index_key(prefix_, append.log));
  arguments_.push_back(text(std::to_string(append.time.time_since_epoch().count())));
  arguments_.push_back(key.substr(start));
  arguments_.push_back(key.substr(0, start));
}

// A removed key that has the form of a log's record takes its entry with it.
void RedisBatch::add_removed_entry(std::string_view key) {
  const std::size_t log_size = std::min(key.rfind(':'), key.size());
  const std::string_view log = key.substr(0, log_size);
  const std::string_view member = key.substr(std::min(log_size + 1, key.size()));
  const auto time = parse_unix_seconds(member);
  const bool record = time && log_key(log, *time) == key;
  arguments_.push_back(record ? text(log_index_key(prefix_, log)) : "");
  arguments_.push_back(record ? text(std::string(member)) : "");
}

void RedisBatch::add_member(const Batch::Set& set) {
  member_indexes_.push_back(text(collection_index_key(prefix_, set.collection)));
  arguments_.push_back(member_indexes_.back());
  arguments_.push_back(std::string_view(set.key).substr(set.collection.size()));
}

std::string RedisBatch::key_of(const Batch::Append& append) const {
  return prefix_ + log_key(append.log, append.time);
}

std::string_view RedisBatch::text(std::string made) { return texts_.emplace_back(std::move(made)); }

std::string log_index_key(std::string_view key_prefix, std::string_view log) {
  return std::string(key_prefix).append(kLogIndexPrefix).append(log);
}

}  // namespace rz::storage
