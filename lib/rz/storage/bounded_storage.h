#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "rz/base/clock.h"
#include "rz/storage/storage_wrapper.h"

namespace rz::storage {

/// When a run ends, and how long it was given in all, which is what messages name.
struct RunDeadline {
  Millis whole{};
  std::chrono::nanoseconds end{};  ///< A time of Clock::monotonic().

  /// A run of `whole` that begins now.
  static RunDeadline from_now(const Clock& clock, Millis whole);
};

/// The store for one run that has a deadline. A call may take at most what is left of the run's
/// time. A store that was found to be away is not asked again, so that a store that hangs costs the
/// run one wait, not one for each call.
///
/// A call that is not made returns `unavailable`, so that a caller knows that its write was not
/// done. Calls that other threads have already begun may still succeed. Thread-safe. Owns neither
/// the target nor the clock, which must outlive it.
class BoundedStorage final : public StorageWrapper {
 public:
  /// `deadline`: how long the run may take from now on; nothing: it has no limit.
  BoundedStorage(Storage& target, Clock& clock, std::optional<Millis> deadline);
  /// For a run that has begun already.
  BoundedStorage(Storage& target, Clock& clock, const RunDeadline& deadline);
  /// Removes the run's deadline from the target.
  ~BoundedStorage() override;

  /// What the store said when it was found away; nothing while it answers.
  std::optional<Error> outage() const;
  /// Records an outage that was met elsewhere, for example by a check: the store is not asked
  /// again. If it has no place, that is the store.
  void note_outage(Error outage);
  /// From the next call on the store is asked again.
  void forget_outage();

  /// What is left of the run's time, never less than zero; nothing if it has no end.
  std::optional<Millis> time_left() const;

  /// How long at least one call was with the store; calls at the same time count once.
  std::chrono::nanoseconds time_asking() const;

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
  Result<std::vector<KeyValue>> read_collection(std::string_view collection) override;
  Result<ReadAnswer> read_together(const ReadSet& what) override;
  Result<StoreProbe> probe() override;
  Result<void> health_check() override;
  Result<std::optional<TimePoint>> server_time() override;

 private:
  /// A call that is with the store.
  class Asking;

  template <class Call>
  auto ask(Call call) -> decltype(call());

  /// Keeps why the time of the run is used up, if it is: nobody can ask again to find out.
  void note_if_over(const Error& error);

  /// The error with which a call must be refused; nothing if the store may be asked.
  std::optional<Error> refusal() const;

  Clock& clock_;
  std::optional<RunDeadline> deadline_;
  mutable std::mutex mutex_;
  std::optional<Error> outage_;
  int asking_ = 0;                           ///< Calls that are with the store,
  std::chrono::nanoseconds asking_since_{};  ///< and since when there is at least one.
  std::chrono::nanoseconds asked_{};         ///< Until then.
};

}  // namespace rz::storage
