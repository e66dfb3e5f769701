#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "rz/base/clock.h"
#include "rz/storage/storage_wrapper.h"

namespace rz {

/// The store of one run that has a deadline. Each call gets what is left of the run's time at most,
/// and a store that was once found away is not asked again, so that a store that hangs costs the
/// run one wait and not one for each call.
///
/// A call that is not made is answered with `unavailable`: of a write it is certain that it was not
/// done. Calls that were under way in other threads may still end well.
/// Thread-safe. Owns neither the target nor the clock, which must outlive it.
class BoundedStorage final : public StorageWrapper {
 public:
  /// `deadline`: how long the run may take from now on; nothing: as long as it likes.
  BoundedStorage(Storage& target, Clock& clock, std::optional<Millis> deadline);
  /// Frees the target from the run's deadline.
  ~BoundedStorage() override;

  /// What the store said when it was found away; nothing while it answers.
  std::optional<Error> outage() const;
  /// The store was found away by somebody who asked it otherwise: it is not asked again.
  void note_outage(Error outage);
  /// From the next call on the store is asked again.
  void forget_outage();

  /// What is left of the run's time, never less than zero; nothing: it has no end.
  std::optional<Millis> time_left() const;

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

 private:
  template <class Call>
  auto ask(Call call) -> decltype(call());

  /// Why the store is not asked; nothing: it is.
  std::optional<Error> refusal() const;

  Clock& clock_;
  const std::optional<Millis> deadline_;
  const std::optional<std::chrono::nanoseconds> end_;
  mutable std::mutex mutex_;
  std::optional<Error> outage_;
};

}  // namespace rz
