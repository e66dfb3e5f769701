#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/storage/storage.h"

namespace rz::storage {

/// What stands before a log's name in the key of its index.
inline constexpr std::string_view kLogIndexPrefix = "rz:log:";

/// The key of a log's index, the sorted set of its records' times.
std::string log_index_key(std::string_view key_prefix, std::string_view log);

/// A batch as kCommitScript takes it. Of several writes to one key only the last is left, which
/// frees the script from their order.
class RedisBatch {
 public:
  /// `batch` must outlive this and have passed check_batch.
  RedisBatch(const Batch& batch, std::string_view key_prefix);
  RedisBatch(const RedisBatch&) = delete;
  RedisBatch& operator=(const RedisBatch&) = delete;

  std::span<const std::string> keys() const { return keys_; }
  std::span<const std::string_view> arguments() const { return arguments_; }
  /// Whether the key at `place` of keys() is the index of a log.
  bool is_log_index(std::size_t place) const { return place >= first_index_; }
  /// The indexes of collections, one for each member.
  std::span<const std::string_view> member_indexes() const { return member_indexes_; }

 private:
  /// What becomes of a key.
  struct KeyWrite {
    std::string key;                        ///< With the prefix.
    std::optional<std::string_view> value;  ///< Nothing: it is removed.
    std::optional<Millis> expire;
    const Batch::Append* append = nullptr;  ///< The record that it is, with a place that was free.
  };

  std::vector<KeyWrite> key_writes(const Batch& batch) const;
  void add_expectations(const Batch& batch, std::span<const KeyWrite> removed);
  void add_sets(std::span<const KeyWrite> writes);
  void add_value(const KeyWrite& write);
  void add_records(std::span<KeyWrite> writes);
  void add_removed_entry(std::string_view key);
  void add_member(const Batch::Set& set);
  std::string_view text(std::string made);

  const std::string prefix_;
  std::vector<std::string> keys_;
  std::size_t first_index_ = 0;  ///< The place in keys_ where the indexes of the records begin.
  std::vector<std::string_view> arguments_;
  std::vector<std::string_view> member_indexes_;
  std::deque<std::string> texts_;  ///< What arguments_ view and the batch does not hold.
};

}  // namespace rz::storage
