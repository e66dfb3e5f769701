#include "rz/storage/reopening_storage.h"

#include <utility>

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

void ReopeningStorage::set_end(std::optional<std::chrono::nanoseconds> end) {
  const std::lock_guard lock(mutex_);
  end_ = end;
  if (store_) store_->set_end(end);
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
