#pragma once

#include "rz/storage/storage.h"

namespace rz::storage {

/// Puts one thing around every call to a store: `Self::around(call)` is given what makes the call
/// on a Storage&, and returns its Result, or an error instead. `Base` is Storage, or a wrapper that
/// has what is not put around: set_end, lasts, read_only, description.
template <class Self, class Base>
class AroundEachCall : public Base {
 public:
  using Base::Base;

  Result<std::optional<std::string>> get(std::string_view key) override {
    return self().around([&](Storage& store) { return store.get(key); });
  }
  Result<std::vector<std::optional<std::string>>> get_many(
      std::span<const std::string> keys) override {
    return self().around([&](Storage& store) { return store.get_many(keys); });
  }
  Result<void> set(std::string_view key, std::string_view value,
                   std::optional<Millis> expire = std::nullopt) override {
    return self().around([&](Storage& store) { return store.set(key, value, expire); });
  }
  Result<bool> remove(std::string_view key) override {
    return self().around([&](Storage& store) { return store.remove(key); });
  }
  Result<bool> exists(std::string_view key) override {
    return self().around([&](Storage& store) { return store.exists(key); });
  }
  Result<ScanPage> scan_keys(std::string_view glob, std::string_view cursor = {}) override {
    return self().around([&](Storage& store) { return store.scan_keys(glob, cursor); });
  }
  Result<bool> expire(std::string_view key, Millis after) override {
    return self().around([&](Storage& store) { return store.expire(key, after); });
  }
  Result<std::int64_t> increment(std::string_view key, std::int64_t by = 1,
                                 std::optional<Millis> expire = std::nullopt) override {
    return self().around([&](Storage& store) { return store.increment(key, by, expire); });
  }
  Result<Commit> commit(const Batch& batch) override {
    return self().around([&](Storage& store) { return store.commit(batch); });
  }
  Result<std::vector<LogRecord>> read_log(std::string_view log, const LogRange& range) override {
    return self().around([&](Storage& store) { return store.read_log(log, range); });
  }
  Result<std::uint64_t> count_log(std::string_view log) override {
    return self().around([&](Storage& store) { return store.count_log(log); });
  }
  Result<std::vector<KeyValue>> read_collection(std::string_view collection) override {
    return self().around([&](Storage& store) { return store.read_collection(collection); });
  }
  Result<ReadAnswer> read_together(const ReadSet& what) override {
    return self().around([&](Storage& store) { return store.read_together(what); });
  }
  Result<StoreProbe> probe() override {
    return self().around([](Storage& store) { return store.probe(); });
  }
  Result<void> health_check() override {
    return self().around([](Storage& store) { return store.health_check(); });
  }
  Result<std::vector<std::string>> durability_warnings() override {
    return self().around([](Storage& store) { return store.durability_warnings(); });
  }
  Result<std::optional<TimePoint>> server_time() override {
    return self().around([](Storage& store) { return store.server_time(); });
  }

 private:
  Self& self() { return static_cast<Self&>(*this); }
};

}  // namespace rz::storage
