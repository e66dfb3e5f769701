#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "rz/storage/storage_wrapper.h"

namespace rz::storage {

/// A store that can be asked for many things in one round trip before they are wanted one by one.
///
/// What was read ahead answers the next get, get_many, read_collection or read_log (of an empty
/// log) that asks for it, once. If the read met an outage, that is the answer. Each write discards
/// all of it, so that a caller who writes and reads again gets what is stored then. Thread-safe.
class ReadAhead final : public StorageWrapper {
 public:
  /// Owns the target.
  explicit ReadAhead(std::unique_ptr<Storage> target)
      : StorageWrapper(*target), owned_(std::move(target)) {}

  /// Does not own the target, which must outlive it.
  explicit ReadAhead(Storage& target) : StorageWrapper(target) {}

  /// Reads `what` now, in place of what was read ahead before.
  void fetch(const ReadSet& what);

  Result<std::optional<std::string>> get(std::string_view key) override;
  Result<std::vector<std::optional<std::string>>> get_many(
      std::span<const std::string> keys) override;
  Result<std::vector<KeyValue>> read_collection(std::string_view collection) override;
  Result<std::vector<LogRecord>> read_log(std::string_view log, const LogRange& range) override;
  Result<ReadAnswer> read_together(const ReadSet& what) override;
  Result<StoreProbe> probe() override;

  Result<void> set(std::string_view key, std::string_view value,
                   std::optional<Millis> expire = std::nullopt) override;
  Result<bool> remove(std::string_view key) override;
  Result<bool> expire(std::string_view key, Millis after) override;
  Result<std::int64_t> increment(std::string_view key, std::int64_t by = 1,
                                 std::optional<Millis> expire = std::nullopt) override;
  Result<Commit> commit(const Batch& batch) override;

 private:
  using Value = Result<std::optional<std::string>>;
  using Members = Result<std::vector<KeyValue>>;

  std::optional<Value> take(std::string_view key);
  std::optional<Result<std::vector<std::optional<std::string>>>> take_all(
      std::span<const std::string> keys);
  void forget();

  const std::unique_ptr<Storage> owned_{};
  std::mutex mutex_;  ///< Guards what follows.
  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, Members, std::less<>> members_;
  std::map<std::string, Result<bool>, std::less<>> logs_;  ///< Whether it may have records.
};

}  // namespace rz::storage
