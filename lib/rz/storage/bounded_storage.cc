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

class BoundedStorage::Asking {
 public:
  explicit Asking(BoundedStorage& storage) : storage_(storage) {
    const std::lock_guard lock(storage_.mutex_);
    if (storage_.asking_++ == 0) storage_.asking_since_ = storage_.clock_.monotonic();
  }
  ~Asking() {
    const std::lock_guard lock(storage_.mutex_);
    if (--storage_.asking_ > 0) return;
    storage_.asked_ += storage_.clock_.monotonic() - storage_.asking_since_;
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

 private:
  BoundedStorage& storage_;
};

BoundedStorage::BoundedStorage(Storage& target, Clock& clock, std::optional<Millis> deadline)
    : StorageWrapper(target), clock_(clock) {
  if (deadline) deadline_ = RunDeadline::from_now(clock, *deadline);
  target.set_end(deadline_ ? std::optional(deadline_->end) : std::nullopt);
}

BoundedStorage::BoundedStorage(Storage& target, Clock& clock, const RunDeadline& deadline)
    : StorageWrapper(target), clock_(clock), deadline_(deadline) {
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

void BoundedStorage::forget_outage() {
  const std::lock_guard lock(mutex_);
  outage_.reset();
}

std::optional<Millis> BoundedStorage::time_left() const {
  if (!deadline_) return std::nullopt;
  return std::max(Millis::zero(), std::chrono::floor<Millis>(deadline_->end - clock_.monotonic()));
}

std::chrono::nanoseconds BoundedStorage::time_asking() const {
  const std::lock_guard lock(mutex_);
  return asking_ == 0 ? asked_ : asked_ + (clock_.monotonic() - asking_since_);
}

void BoundedStorage::note_if_over(const Error& error) {
  if (!is_outage(error) || time_left() != Millis::zero()) return;
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

template <class Call>
auto BoundedStorage::ask(Call call) -> decltype(call()) {
  if (std::optional<Error> refused = refusal()) return fail(*std::move(refused));
  const Asking asking(*this);
  auto answer = call();
  if (!answer && is_outage(answer.error())) {
    const std::lock_guard lock(mutex_);
    if (!outage_) outage_ = answer.error();
  }
  return answer;
}

Result<std::optional<std::string>> BoundedStorage::get(std::string_view key) {
  return ask([&] { return target().get(key); });
}

Result<std::vector<std::optional<std::string>>> BoundedStorage::get_many(
    std::span<const std::string> keys) {
  return ask([&] { return target().get_many(keys); });
}

Result<void> BoundedStorage::set(std::string_view key, std::string_view value,
                                 std::optional<Millis> expire) {
  return ask([&] { return target().set(key, value, expire); });
}

Result<bool> BoundedStorage::remove(std::string_view key) {
  return ask([&] { return target().remove(key); });
}

Result<bool> BoundedStorage::exists(std::string_view key) {
  return ask([&] { return target().exists(key); });
}

Result<ScanPage> BoundedStorage::scan_keys(std::string_view glob, std::string_view cursor) {
  return ask([&] { return target().scan_keys(glob, cursor); });
}

Result<bool> BoundedStorage::expire(std::string_view key, Millis after) {
  return ask([&] { return target().expire(key, after); });
}

Result<std::int64_t> BoundedStorage::increment(std::string_view key, std::int64_t by,
                                               std::optional<Millis> expire) {
  return ask([&] { return target().increment(key, by, expire); });
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

Result<std::vector<LogRecord>> BoundedStorage::read_log(std::string_view log,
                                                        const LogRange& range) {
  return ask([&] { return target().read_log(log, range); });
}

Result<std::vector<KeyValue>> BoundedStorage::read_collection(std::string_view collection) {
  return ask([&] { return target().read_collection(collection); });
}

Result<ReadAnswer> BoundedStorage::read_together(const ReadSet& what) {
  return ask([&] { return target().read_together(what); });
}

Result<StoreProbe> BoundedStorage::probe() {
  auto found = ask([&] { return target().probe(); });
  if (found && found->write_error) note_if_over(*found->write_error);
  return found;
}

Result<void> BoundedStorage::health_check() {
  return ask([&] { return target().health_check(); });
}

Result<std::optional<TimePoint>> BoundedStorage::server_time() {
  return ask([&] { return target().server_time(); });
}

}  // namespace rz::storage
