#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rz/storage/storage_wrapper.h"

namespace rz::fallback {

/// The longest name of a scope.
inline constexpr std::size_t kMaxScope = 64;

/// What a scope may be called: letters, digits, `_`, `.` and `-`, at most kMaxScope of them.
Result<void> check_scope(std::string_view name);

/// A store in which a scope has a mode and a history of its own: whatever is called `fallback:…` is
/// at `fallback:scope:NAME:…`. All else, the health records above all, is shared. Without a name
/// nothing is called otherwise.
class ScopedStorage final : public storage::StorageWrapper {
 public:
  /// `scope`: as check_scope() allows, or empty.
  ScopedStorage(Storage& target, std::string_view scope);

  /// The names as the target has them.
  ReadSet renamed(ReadSet what) const;

  Result<std::optional<std::string>> get(std::string_view key) override;
  Result<std::vector<std::optional<std::string>>> get_many(
      std::span<const std::string> keys) override;
  Result<void> set(std::string_view key, std::string_view value,
                   std::optional<Millis> expire = std::nullopt) override;
  Result<bool> remove(std::string_view key) override;
  Result<bool> exists(std::string_view key) override;
  Result<ScanPage> scan_keys(std::string_view glob, std::string_view cursor = {}) override;
  Result<bool> expire(std::string_view key, Millis after) override;
  Result<std::int64_t> increment(std::string_view key, std::int64_t by = 1,
                                 std::optional<Millis> expire = std::nullopt) override;
  Result<Commit> commit(const Batch& batch) override;
  Result<std::vector<LogRecord>> read_log(std::string_view log, const LogRange& range) override;
  Result<std::uint64_t> count_log(std::string_view log) override;
  Result<std::vector<KeyValue>> read_collection(std::string_view collection) override;
  Result<StoreProbe> probe() override { return target().probe(); }
  std::string description() const override { return StorageWrapper::description() + suffix_; }

 private:
  std::string renamed(std::string_view name) const;
  std::string restored(std::string name) const;

  const std::string prefix_;
  const std::string suffix_;  ///< Of the description.
};

}  // namespace rz::fallback
