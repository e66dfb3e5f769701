#include "rz/storage/reopening_storage.h"

#include <utility>

#include "rz/base/try.h"

namespace rz::storage {

ReopeningStorage::ReopeningStorage(Open open, Error error, std::string description, Clock& clock)
    : open_(std::move(open)),
      description_(std::move(description)),
      clock_(clock),
      error_(std::move(error)),
      next_try_(clock.monotonic() + kReopenPause) {
  if (error_.where.empty()) error_.where = description_;
}

Storage* ReopeningStorage::opened() const {
  const std::lock_guard lock(mutex_);
  return store_.get();
}

Result<Storage*> ReopeningStorage::target() {
  {
    const std::lock_guard lock(mutex_);
    if (store_) return store_.get();
    if (opening_ || clock_.monotonic() < next_try_) return fail(error_);
    opening_ = true;
  }
  auto store = open_();  // Without the lock: it may take as long as an operation.
  const std::lock_guard lock(mutex_);
  opening_ = false;
  if (store) {
    store_ = *std::move(store);
    store_->set_end(end_);
    return store_.get();
  }
  error_ = std::move(store).error();
  if (error_.where.empty()) error_.where = description_;
  next_try_ = clock_.monotonic() + kReopenPause;
  return fail(error_);
}

Result<std::optional<std::string>> ReopeningStorage::get(std::string_view key) {
  TRY_ASSIGN(Storage* const store, target());
  return store->get(key);
}

Result<std::vector<std::optional<std::string>>> ReopeningStorage::get_many(
    std::span<const std::string> keys) {
  TRY_ASSIGN(Storage* const store, target());
  return store->get_many(keys);
}

Result<void> ReopeningStorage::set(std::string_view key, std::string_view value,
                                   std::optional<Millis> expire) {
  TRY_ASSIGN(Storage* const store, target());
  return store->set(key, value, expire);
}

Result<bool> ReopeningStorage::remove(std::string_view key) {
  TRY_ASSIGN(Storage* const store, target());
  return store->remove(key);
}

Result<bool> ReopeningStorage::exists(std::string_view key) {
  TRY_ASSIGN(Storage* const store, target());
  return store->exists(key);
}

Result<ScanPage> ReopeningStorage::scan_keys(std::string_view glob, std::string_view cursor) {
  TRY_ASSIGN(Storage* const store, target());
  return store->scan_keys(glob, cursor);
}

Result<bool> ReopeningStorage::expire(std::string_view key, Millis after) {
  TRY_ASSIGN(Storage* const store, target());
  return store->expire(key, after);
}

Result<std::int64_t> ReopeningStorage::increment(std::string_view key, std::int64_t by,
                                                 std::optional<Millis> expire) {
  TRY_ASSIGN(Storage* const store, target());
  return store->increment(key, by, expire);
}

Result<Commit> ReopeningStorage::commit(const Batch& batch) {
  TRY_ASSIGN(Storage* const store, target());
  return store->commit(batch);
}

Result<std::vector<LogRecord>> ReopeningStorage::read_log(std::string_view log,
                                                          const LogRange& range) {
  TRY_ASSIGN(Storage* const store, target());
  return store->read_log(log, range);
}

Result<std::vector<KeyValue>> ReopeningStorage::read_collection(std::string_view collection) {
  TRY_ASSIGN(Storage* const store, target());
  return store->read_collection(collection);
}

Result<ReadAnswer> ReopeningStorage::read_together(const ReadSet& what) {
  TRY_ASSIGN(Storage* const store, target());
  return store->read_together(what);
}

Result<StoreProbe> ReopeningStorage::probe() {
  TRY_ASSIGN(Storage* const store, target());
  return store->probe();
}

Result<void> ReopeningStorage::health_check() {
  TRY_ASSIGN(Storage* const store, target());
  return store->health_check();
}

void ReopeningStorage::set_end(std::optional<std::chrono::nanoseconds> end) {
  const std::lock_guard lock(mutex_);
  end_ = end;
  if (store_) store_->set_end(end);
}

Result<std::vector<std::string>> ReopeningStorage::durability_warnings() {
  TRY_ASSIGN(Storage* const store, target());
  return store->durability_warnings();
}

Result<std::optional<TimePoint>> ReopeningStorage::server_time() {
  TRY_ASSIGN(Storage* const store, target());
  return store->server_time();
}

std::optional<Error> ReopeningStorage::read_only() const {
  const Storage* store = opened();
  return store != nullptr ? store->read_only() : std::nullopt;
}

std::string ReopeningStorage::description() const {
  const Storage* store = opened();
  return store != nullptr ? store->description() : description_;
}

}  // namespace rz::storage
