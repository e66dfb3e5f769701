#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/storage/storage_wrapper.h"

namespace rz::storage {

/// The outcome of a call that is made to fail, or to be late.
struct Fault {
  std::optional<Error> error;  ///< Answered in place of the store's answer.
  bool applied = true;         ///< Whether the call takes effect in the store first.
  Micros delay{0};             ///< Passes on the clock before the answer.

  /// The store refuses the call: it does not take effect.
  static Fault failure(ErrorCode code = ErrorCode::unavailable);
  /// The request was lost: the call does not take effect, and the caller learns it after `after`.
  static Fault lost_request(Micros after);
  /// The answer was lost: the call takes effect, and the caller sees the same as above.
  static Fault lost_answer(Micros after);
  /// The right answer, late.
  static Fault late(Micros delay);
};

/// Wraps a store and makes chosen calls fail, or answer late: the tool that tests whether rz
/// survives the failures of its store. Counts its calls. Thread-safe; owns neither the store nor
/// the clock.
class FaultyStorage final : public StorageWrapper {
 public:
  enum class Operation {
    get,
    get_many,
    set,
    remove,
    exists,
    scan_keys,
    expire,
    increment,
    commit,
    read_log,
    read_collection,
    health_check,
  };

  /// Which calls: of those of `operation` (or of all), counted from 1 since the injection, `count`
  /// calls from the `first` one on.
  struct Calls {
    std::optional<Operation> operation = std::nullopt;
    std::size_t first = 1;
    std::size_t count = std::numeric_limits<std::size_t>::max();
  };

  FaultyStorage(Storage& target, Clock& clock) : StorageWrapper(target), clock_(clock) {}

  /// From now on `calls` have the outcome `fault`. Where several faults apply to a call, the one
  /// that was injected first wins.
  void inject(Fault fault, Calls calls);
  void inject(Fault fault) { inject(std::move(fault), Calls{}); }

  /// Forgets every fault. The counts stay.
  void heal();

  /// How many calls there were, those that failed included.
  std::size_t calls() const;
  std::size_t calls(Operation operation) const;

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
  /// Counts, and fails, as a read_log.
  Result<std::uint64_t> count_log(std::string_view log) override;
  Result<std::vector<KeyValue>> read_collection(std::string_view collection) override;
  Result<void> health_check() override;

 private:
  struct Injection {
    Fault fault;
    Calls calls;
    std::size_t seen = 0;
  };
  static constexpr std::size_t kOperations = static_cast<std::size_t>(Operation::health_check) + 1;

  /// Counts a call and returns the fault that applies to it, if any.
  std::optional<Fault> next_fault(Operation operation);

  template <class T, class Call>
  Result<T> perform(Operation operation, Call call);

  Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<Injection> injections_;
  std::array<std::size_t, kOperations> counts_{};
};

}  // namespace rz::storage
