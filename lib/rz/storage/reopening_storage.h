#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "rz/storage/storage.h"

namespace rz::storage {

/// A store that could not be opened, for a program that lives on and may see it come back. A call
/// tries to open it again, at most once in kReopenPause; until that succeeds every call answers
/// with the error of the last try. Only one call at a time opens it, and the others do not wait for
/// that. Thread-safe. Does not own the clock.
class ReopeningStorage final : public Storage {
 public:
  using Open = std::function<Result<std::unique_ptr<Storage>>()>;

  static constexpr Millis kReopenPause{1'000};

  /// `error`: why opening it has just failed. `description`: as Storage::description().
  ReopeningStorage(Open open, Error error, std::string description, Clock& clock);

  Result<std::optional<std::string>> get(std::string_view key) override;
  Result<std::vector<std::optional<std::string>>> get_many(
      std::span<const std::string> keys) override;
  Result<void> set(std::string_view key, std::string_view value,
                   std::optional<Millis> expire) override;
  Result<bool> remove(std::string_view key) override;
  Result<bool> exists(std::string_view key) override;
  Result<ScanPage> scan_keys(std::string_view glob, std::string_view cursor) override;
  Result<bool> expire(std::string_view key, Millis after) override;
  Result<std::int64_t> increment(std::string_view key, std::int64_t by,
                                 std::optional<Millis> expire) override;
  Result<Commit> commit(const Batch& batch) override;
  Result<std::vector<LogRecord>> read_log(std::string_view log, const LogRange& range) override;
  Result<std::vector<KeyValue>> read_collection(std::string_view collection) override;
  Result<ReadAnswer> read_together(const ReadSet& what) override;
  Result<StoreProbe> probe() override;
  Result<void> health_check() override;
  void set_end(std::optional<std::chrono::nanoseconds> end) override;
  Result<std::vector<std::string>> durability_warnings() override;
  Result<std::optional<TimePoint>> server_time() override;
  std::optional<Error> read_only() const override;
  std::string description() const override;

 private:
  /// The store, opened now if it must be. Errors: those of opening it.
  Result<Storage*> target();
  /// The store, if it is open.
  Storage* opened() const;

  const Open open_;
  const std::string description_;
  Clock& clock_;
  mutable std::mutex mutex_;  ///< Guards what follows. `store_` is set once.
  std::unique_ptr<Storage> store_;
  Error error_;
  bool opening_ = false;
  std::chrono::nanoseconds next_try_;
  std::optional<std::chrono::nanoseconds> end_;
};

}  // namespace rz::storage
