#include "rz/storage/faulty_storage.h"

#include <numeric>
#include <utility>

namespace rz::storage {

Fault Fault::failure(ErrorCode code) {
  return {Error{code, "injected failure", "faulty store"}, false, Micros{0}};
}

Fault Fault::lost_request(Micros after) {
  return {Error{ErrorCode::timeout, "injected timeout", "faulty store"}, false, after};
}

Fault Fault::lost_answer(Micros after) {
  Fault fault = lost_request(after);
  fault.applied = true;
  return fault;
}

Fault Fault::late(Micros delay) { return {std::nullopt, true, delay}; }

void FaultyStorage::inject(Fault fault, Calls calls) {
  std::lock_guard lock(mutex_);
  injections_.push_back({std::move(fault), calls});
}

void FaultyStorage::heal() {
  std::lock_guard lock(mutex_);
  injections_.clear();
}

std::size_t FaultyStorage::calls() const {
  std::lock_guard lock(mutex_);
  return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
}

std::size_t FaultyStorage::calls(Operation operation) const {
  std::lock_guard lock(mutex_);
  return counts_[static_cast<std::size_t>(operation)];
}

std::optional<Fault> FaultyStorage::next_fault(Operation operation) {
  std::lock_guard lock(mutex_);
  ++counts_[static_cast<std::size_t>(operation)];
  std::optional<Fault> fault;
  for (Injection& injection : injections_) {
    const Calls& calls = injection.calls;
    if (calls.operation.value_or(operation) != operation) continue;
    // Every injection counts the call, also where an earlier one decides its outcome.
    const std::size_t number = ++injection.seen;
    const bool applies = number >= calls.first && number - calls.first < calls.count;
    if (applies && !fault) fault = injection.fault;
  }
  return fault;
}

template <class T, class Call>
Result<T> FaultyStorage::perform(Operation operation, Call call) {
  const std::optional<Fault> fault = next_fault(operation);
  if (!fault) return call();
  std::optional<Result<T>> answer;
  if (fault->applied) answer = call();
  clock_.sleep_for(fault->delay);
  if (fault->error) return fail(*fault->error);
  return *std::move(answer);
}

Result<std::optional<std::string>> FaultyStorage::get(std::string_view key) {
  return perform<std::optional<std::string>>(Operation::get, [&] { return target().get(key); });
}

Result<std::vector<std::optional<std::string>>> FaultyStorage::get_many(
    std::span<const std::string> keys) {
  return perform<std::vector<std::optional<std::string>>>(Operation::get_many,
                                                          [&] { return target().get_many(keys); });
}

Result<void> FaultyStorage::set(std::string_view key, std::string_view value,
                                std::optional<Millis> expire) {
  return perform<void>(Operation::set, [&] { return target().set(key, value, expire); });
}

Result<bool> FaultyStorage::remove(std::string_view key) {
  return perform<bool>(Operation::remove, [&] { return target().remove(key); });
}

Result<bool> FaultyStorage::exists(std::string_view key) {
  return perform<bool>(Operation::exists, [&] { return target().exists(key); });
}

Result<ScanPage> FaultyStorage::scan_keys(std::string_view glob, std::string_view cursor) {
  return perform<ScanPage>(Operation::scan_keys, [&] { return target().scan_keys(glob, cursor); });
}

Result<bool> FaultyStorage::expire(std::string_view key, Millis after) {
  return perform<bool>(Operation::expire, [&] { return target().expire(key, after); });
}

Result<std::int64_t> FaultyStorage::increment(std::string_view key, std::int64_t by,
                                              std::optional<Millis> expire) {
  return perform<std::int64_t>(Operation::increment,
                               [&] { return target().increment(key, by, expire); });
}

Result<Commit> FaultyStorage::commit(const Batch& batch) {
  return perform<Commit>(Operation::commit, [&] { return target().commit(batch); });
}

Result<std::uint64_t> FaultyStorage::count_log(std::string_view log) {
  return perform<std::uint64_t>(Operation::read_log, [&] { return target().count_log(log); });
}

Result<std::vector<LogRecord>> FaultyStorage::read_log(std::string_view log,
                                                       const LogRange& range) {
  return perform<std::vector<LogRecord>>(Operation::read_log,
                                         [&] { return target().read_log(log, range); });
}

Result<std::vector<KeyValue>> FaultyStorage::read_collection(std::string_view collection) {
  return perform<std::vector<KeyValue>>(Operation::read_collection,
                                        [&] { return target().read_collection(collection); });
}

Result<void> FaultyStorage::health_check() {
  return perform<void>(Operation::health_check, [&] { return target().health_check(); });
}

}  // namespace rz::storage
