#include "rz/storage/bounded_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rz/base/duration.h"

namespace rz::storage {
namespace {

// A year: no sum of it with a time overflows.
constexpr Millis kLongest{std::chrono::hours{24 * 365}};

}  // namespace

RunDeadline RunDeadline::from_now(const Clock& clock, Millis whole) {
  return {whole, clock.monotonic() + std::clamp(whole, Millis::zero(), kLongest)};
}

BoundedStorage::Asking::Asking(BoundedStorage& storage) : storage_(storage) {
  const std::lock_guard lock(storage_.mutex_);
  if (storage_.asking_++ == 0) storage_.asking_since_ = storage_.clock_.monotonic();
}

BoundedStorage::Asking::~Asking() {
  const std::lock_guard lock(storage_.mutex_);
  if (--storage_.asking_ > 0) return;
  storage_.asked_ += storage_.clock_.monotonic() - storage_.asking_since_;
}

BoundedStorage::BoundedStorage(Storage& target, Clock& clock, std::optional<Millis> deadline)
    : AroundEachCall(target), clock_(clock) {
  if (deadline) deadline_ = RunDeadline::from_now(clock, *deadline);
  target.set_end(deadline_ ? std::optional(deadline_->end) : std::nullopt);
}

BoundedStorage::BoundedStorage(Storage& target, Clock& clock, const RunDeadline& deadline)
    : AroundEachCall(target), clock_(clock), deadline_(deadline) {
  target.set_end(deadline_->end);
}

BoundedStorage::~BoundedStorage() { target().set_end(std::nullopt); }

std::optional<Error> BoundedStorage::outage() const {
  const std::lock_guard lock(mutex_);
  return outage_;
}

void BoundedStorage::note_outage(Error outage) {
  if (outage.where.empty()) outage.where = description();
  const std::lock_guard lock(mutex_);
  outage_ = std::move(outage);
}

void BoundedStorage::extend(std::chrono::nanoseconds passed) {
  const std::lock_guard lock(mutex_);
  if (!deadline_) return;
  deadline_->end += passed;
  target().set_end(deadline_->end);
}

std::optional<Millis> BoundedStorage::time_left() const {
  const std::lock_guard lock(mutex_);
  if (!deadline_) return std::nullopt;
  return std::max(Millis::zero(), std::chrono::floor<Millis>(deadline_->end - clock_.monotonic()));
}

std::chrono::nanoseconds BoundedStorage::time_asking() const {
  const std::lock_guard lock(mutex_);
  return asking_ == 0 ? asked_ : asked_ + (clock_.monotonic() - asking_since_);
}

void BoundedStorage::note_if_over(const Error& error) {
  if (is_outage(error) && time_left() == Millis::zero()) note_first(error);
}

void BoundedStorage::note_first(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!outage_) outage_ = error;
}

std::optional<Error> BoundedStorage::refusal() const {
  if (std::optional<Error> found = outage()) {
    // This call was not made, so its outcome is known. A `timeout` would mean that it is not.
    found->code = ErrorCode::unavailable;
    return found;
  }
  if (time_left().value_or(Millis{1}) > Millis::zero()) return std::nullopt;
  return Error{ErrorCode::unavailable,
               fmt::format("not asked, since the deadline of this run ({}) has passed",
                           format_duration(deadline_->whole)),
               description()};
}

Result<Commit> BoundedStorage::commit(const Batch& batch) {
  if (std::optional<Error> refused = refusal()) return fail(*std::move(refused));
  // A commit that fails is not taken for an outage here. Its outcome is unknown, so the caller
  // reads again, and that read shows whether the store is away or only a connection was cut.
  const Asking asking(*this);
  auto answer = target().commit(batch);
  if (!answer) note_if_over(answer.error());
  return answer;
}

Result<StoreProbe> BoundedStorage::probe() {
  auto found = around([](Storage& store) { return store.probe(); });
  if (found && found->write_error) note_if_over(*found->write_error);
  return found;
}

}  // namespace rz::storage
