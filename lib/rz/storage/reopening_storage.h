#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>

#include "rz/base/try.h"
#include "rz/storage/around_each_call.h"

namespace rz::storage {

/// A store that could not be opened, for a program that lives on and may see it come back. A call
/// tries to open it again, at most once in kReopenPause; until that succeeds every call answers
/// with the error of the last try. Only one call at a time opens it, and the others do not wait for
/// that. Thread-safe. Does not own the clock.
class ReopeningStorage final : public AroundEachCall<ReopeningStorage, Storage> {
 public:
  using Open = std::function<Result<std::unique_ptr<Storage>>()>;

  static constexpr Millis kReopenPause{1'000};

  /// `error`: why opening it has just failed. `description`: as Storage::description().
  ReopeningStorage(Open open, Error error, std::string description, Clock& clock);

  void set_end(std::optional<std::chrono::nanoseconds> end) override;
  std::optional<Error> read_only() const override;
  std::string description() const override;

 private:
  friend AroundEachCall;
  template <class Call>
  std::invoke_result_t<Call, Storage&> around(Call call) {
    TRY_ASSIGN(Storage* const store, target());
    return call(*store);
  }

  /// The store, opened now if it must be. Errors: those of opening it.
  Result<Storage*> target();
  /// The store, if it is open.
  Storage* opened() const;

  const Open open_;
  const std::string description_;
  Clock& clock_;
  mutable std::mutex mutex_;  ///< Guards what follows. `store_` is set once.
  std::unique_ptr<Storage> store_;
  Error error_;
  bool opening_ = false;
  std::chrono::nanoseconds next_try_;
  std::optional<std::chrono::nanoseconds> end_;
};

}  // namespace rz::storage
