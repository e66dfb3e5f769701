#pragma once

#include <string>
#include <utility>

#include "rz/storage/storage.h"

namespace rz::storage {

/// A store that could not be opened, as one that is away: every call answers with the error of the
/// opening; if that has no place, it is the store. For programs that go on without their store.
class UnreachableStorage final : public Storage {
 public:
  UnreachableStorage(Error error, std::string description)
      : error_(std::move(error)), description_(std::move(description)) {
    if (error_.where.empty()) error_.where = description_;
  }

  Result<std::optional<std::string>> get(std::string_view) override { return fail(error_); }
  Result<std::vector<std::optional<std::string>>> get_many(std::span<const std::string>) override {
    return fail(error_);
  }
  Result<void> set(std::string_view, std::string_view, std::optional<Millis>) override {
    return fail(error_);
  }
  Result<bool> remove(std::string_view) override { return fail(error_); }
  Result<bool> exists(std::string_view) override { return fail(error_); }
  Result<ScanPage> scan_keys(std::string_view, std::string_view) override { return fail(error_); }
  Result<bool> expire(std::string_view, Millis) override { return fail(error_); }
  Result<std::int64_t> increment(std::string_view, std::int64_t, std::optional<Millis>) override {
    return fail(error_);
  }
  Result<Commit> commit(const Batch&) override { return fail(error_); }
  Result<std::vector<LogRecord>> read_log(std::string_view, const LogRange&) override {
    return fail(error_);
  }
  Result<std::vector<KeyValue>> read_collection(std::string_view) override { return fail(error_); }
  Result<void> health_check() override { return fail(error_); }
  Result<std::vector<std::string>> durability_warnings() override { return fail(error_); }
  std::string description() const override { return description_; }

 private:
  Error error_;
  std::string description_;
};

}  // namespace rz::storage
