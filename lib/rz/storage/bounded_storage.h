#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <type_traits>

#include "rz/base/clock.h"
#include "rz/storage/around_each_call.h"
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
class BoundedStorage final : public AroundEachCall<BoundedStorage, StorageWrapper> {
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

  /// Moves the deadline: for so long the run was with something that has a timeout of its own. Not
  /// while another thread asks.
  void extend(std::chrono::nanoseconds passed);

  /// What is left of the run's time, never less than zero; nothing if it has no end.
  std::optional<Millis> time_left() const;

  /// How long at least one call was with the store; calls at the same time count once.
  std::chrono::nanoseconds time_asking() const;

  Result<Commit> commit(const Batch& batch) override;
  Result<StoreProbe> probe() override;

 private:
  friend AroundEachCall;
  /// A call that is with the store.
  class Asking {
   public:
    explicit Asking(BoundedStorage& storage);
    ~Asking();
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

   private:
    BoundedStorage& storage_;
  };

  template <class Call>
  std::invoke_result_t<Call, Storage&> around(Call call) {
    if (std::optional<Error> refused = refusal()) return fail(*std::move(refused));
    const Asking asking(*this);
    auto answer = call(target());
    if (!answer && is_outage(answer.error())) note_first(answer.error());
    return answer;
  }

  /// Keeps why the store is away, if that is not known yet.
  void note_first(const Error& error);

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
