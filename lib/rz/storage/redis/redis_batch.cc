#include "rz/storage/redis/redis_batch.h"

#include <algorithm>
#include <utility>

#include "rz/base/timestamp.h"
#include "rz/storage/redis/redis_reader.h"

namespace rz::storage {

RedisBatch::RedisBatch(const Batch& batch, std::string_view key_prefix) : prefix_(key_prefix) {
  std::vector<KeyWrite> writes = key_writes(batch);
  // The removals, the sets, the records: in the order of the script, and each in that of the keys.
  const auto kind = [](const KeyWrite& write) {
    return !write.value ? 0 : write.append == nullptr ? 1 : 2;
  };
  std::stable_sort(writes.begin(), writes.end(),
                   [&](const KeyWrite& a, const KeyWrite& b) { return kind(a) < kind(b); });
  const auto first_of = [&](int wanted) {
    return std::find_if(writes.begin(), writes.end(),
                        [&](const KeyWrite& write) { return kind(write) >= wanted; });
  };
  const std::span removed(writes.begin(), first_of(1));
  const std::span sets(first_of(1), first_of(2));
  const std::span records(first_of(2), writes.end());

  arguments_.resize(4);
  add_expectations(batch, removed);
  arguments_[0] = text(std::to_string(keys_.size()));
  arguments_[1] = text(std::to_string(removed.size()));
  arguments_[2] = text(std::to_string(sets.size()));
  arguments_[3] = text(std::to_string(records.size()));
  for (const KeyWrite& write : removed) keys_.push_back(write.key);
  add_sets(sets);
  add_records(records);
  for (const KeyWrite& write : removed) {
    add_removed_entry(std::string_view(write.key).substr(prefix_.size()));
  }
  for (const Batch::Write& write : batch.writes) {
    const auto* set = std::get_if<Batch::Set>(&write);
    if (set != nullptr && !set->collection.empty()) add_member(*set);
  }
}

// Of each key the last write, in order of the keys. Records mostly come in that order already.
std::vector<RedisBatch::KeyWrite> RedisBatch::key_writes(const Batch& batch) const {
  std::vector<KeyWrite> all;
  all.reserve(batch.writes.size());
  for (const Batch::Write& write : batch.writes) {
    if (const auto* set = std::get_if<Batch::Set>(&write)) {
      all.push_back({prefix_ + set->key, set->value, set->expire});
    } else if (const auto* remove = std::get_if<Batch::Remove>(&write)) {
      all.push_back({prefix_ + remove->key, std::nullopt, std::nullopt});
    } else if (const auto* append = std::get_if<Batch::Append>(&write)) {
      all.push_back(
          {prefix_ + log_key(append->log, append->time), append->value, append->expire, append});
    }
  }
  const auto before = [](const KeyWrite& a, const KeyWrite& b) { return a.key < b.key; };
  if (!std::is_sorted(all.begin(), all.end(), before)) {
    std::stable_sort(all.begin(), all.end(), before);
  }
  std::vector<KeyWrite> last;
  last.reserve(all.size());
  for (KeyWrite& write : all) {
    const bool again = !last.empty() && last.back().key == write.key;
    if (!again) {
      last.push_back(std::move(write));
      continue;
    }
    const Batch::Append* append = write.append != nullptr ? write.append : last.back().append;
    last.back() = std::move(write);
    last.back().append = append;
  }
  return last;
}

void RedisBatch::add_expectations(const Batch& batch, std::span<const KeyWrite> removed) {
  for (const Batch::Expectation& expectation : batch.expectations) {
    keys_.push_back(prefix_ + expectation.key);
    arguments_.push_back(expectation.value ? "=" : "!");
    arguments_.push_back(expectation.value ? std::string_view(*expectation.value) : "");
  }
  // A record that the batch removes again needs no entry, but its place must be free.
  for (const KeyWrite& write : removed) {
    if (write.append == nullptr) continue;
    keys_.push_back(write.key);
    arguments_.insert(arguments_.end(), {"+", ""});
  }
}

void RedisBatch::add_sets(std::span<const KeyWrite> writes) {
  for (const KeyWrite& write : writes) {
    keys_.push_back(write.key);
    add_value(write);
  }
}

void RedisBatch::add_value(const KeyWrite& write) {
  arguments_.push_back(*write.value);
  arguments_.push_back(write.expire ? text(std::to_string(write.expire->count())) : "");
}

void RedisBatch::add_records(std::span<KeyWrite> writes) {
  struct Index {
    std::string_view log;
    std::size_t records;
  };
  std::vector<Index> indexes;
  // By the names of the logs: one may be the beginning of another.
  const auto log_of = [](const KeyWrite& write) { return std::string_view(write.append->log); };
  std::stable_sort(writes.begin(), writes.end(),
                   [&](const auto& a, const auto& b) { return log_of(a) < log_of(b); });
  for (KeyWrite& write : writes) {
    const Batch::Append& append = *write.append;
    if (indexes.empty() || indexes.back().log != append.log) indexes.push_back({append.log, 0});
    ++indexes.back().records;
    add_value(write);
    arguments_.push_back(text(std::to_string(append.time.time_since_epoch().count())));
    const std::string_view key = text(std::move(write.key));
    arguments_.push_back(key.substr(prefix_.size() + append.log.size() + 1));
    keys_.emplace_back(key);
  }
  first_index_ = keys_.size();
  for (const Index& index : indexes) {
    keys_.push_back(log_index_key(prefix_, index.log));
    arguments_.push_back(text(std::to_string(index.records)));
    arguments_.push_back(text(prefix_ + std::string(index.log) + ":"));
  }
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

std::string_view RedisBatch::text(std::string made) { return texts_.emplace_back(std::move(made)); }

std::string log_index_key(std::string_view key_prefix, std::string_view log) {
  return std::string(key_prefix).append(kLogIndexPrefix).append(log);
}

}  // namespace rz::storage
