#pragma once

#include "rz/storage/storage.h"

namespace rz::storage {

/// Forwards every call to another Storage, so that a fake or a decorator overrides only what it
/// changes. read_together and probe are not forwarded: their defaults make the other calls, and so
/// go through what is overridden. Does not own the target, which must outlive it.
class StorageWrapper : public Storage {
 public:
  explicit StorageWrapper(Storage& target) : target_(target) {}
  // A copy would share the target, and its calls would bypass the original.
  StorageWrapper(const StorageWrapper&) = delete;
  StorageWrapper& operator=(const StorageWrapper&) = delete;

  Result<std::optional<std::string>> get(std::string_view key) override { return target_.get(key); }
  Result<std::vector<std::optional<std::string>>> get_many(
      std::span<const std::string> keys) override {
    return target_.get_many(keys);
  }
  Result<void> set(std::string_view key, std::string_view value,
                   std::optional<Millis> expire = std::nullopt) override {
    return target_.set(key, value, expire);
  }
  Result<bool> remove(std::string_view key) override { return target_.remove(key); }
  Result<bool> exists(std::string_view key) override { return target_.exists(key); }
  Result<ScanPage> scan_keys(std::string_view glob, std::string_view cursor = {}) override {
    return target_.scan_keys(glob, cursor);
  }
  Result<bool> expire(std::string_view key, Millis after) override {
    return target_.expire(key, after);
  }
  Result<std::int64_t> increment(std::string_view key, std::int64_t by = 1,
                                 std::optional<Millis> expire = std::nullopt) override {
    return target_.increment(key, by, expire);
  }
  Result<Commit> commit(const Batch& batch) override { return target_.commit(batch); }
  Result<std::vector<LogRecord>> read_log(std::string_view log, const LogRange& range) override {
    return target_.read_log(log, range);
  }
  Result<std::uint64_t> count_log(std::string_view log) override { return target_.count_log(log); }
  Result<std::vector<KeyValue>> read_collection(std::string_view collection) override {
    return target_.read_collection(collection);
  }
  Result<void> health_check() override { return target_.health_check(); }
  void set_end(std::optional<std::chrono::nanoseconds> end) override { target_.set_end(end); }
  Result<std::vector<std::string>> durability_warnings() override {
    return target_.durability_warnings();
  }
  Result<std::optional<TimePoint>> server_time() override { return target_.server_time(); }
  std::optional<Error> read_only() const override { return target_.read_only(); }
  bool lasts() const override { return target_.lasts(); }
  std::string description() const override { return target_.description(); }

 protected:
  Storage& target() { return target_; }

 private:
  Storage& target_;
};

}  // namespace rz::storage
