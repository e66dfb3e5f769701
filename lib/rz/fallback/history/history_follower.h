#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

/// Places of records in the history that somebody has seen. Eight bytes each.
class SeenPlaces {
 public:
  bool contains(TimePoint place) const;
  void add(TimePoint place);
  std::size_t size() const { return places_.size(); }
  /// In order of time.
  std::span<const TimePoint> all() const { return places_; }
  /// The last one; nothing if there are none.
  std::optional<TimePoint> newest() const;

 private:
  std::vector<TimePoint> places_;
};

/// Finds the records that have come into the history since the last look, each of them once,
/// wherever their times are: hosts whose clocks differ, decisions of a host that was cut off, and
/// imports add records behind others that were seen already.
///
/// The time of a record says nothing about when it was added, and a store keeps no other order. So
/// what was seen is remembered, and a look asks for two things that cost little: the records behind
/// the newest one, and how many entries the history has. Where the number does not follow from what
/// is known, the whole index is read again, though not all the time; and from time to time in any
/// case, since a record that is added while another one goes leaves the number as it is.
///
/// Records without an index entry are not found. Does not own the storage and the clock; not
/// thread-safe.
class HistoryFollower {
 public:
  HistoryFollower(Storage& storage, Clock& clock, SeenPlaces seen)
      : storage_(storage), clock_(clock), seen_(std::move(seen)) {}

  /// Takes some new records, a thousand at most, in order of time. They count as seen once it has
  /// returned without an error.
  using Take = std::function<Result<void>(std::span<const LogRecord> records)>;

  /// Calls `take` for all that is new, the first time for all that was not seen yet.
  /// Errors: those of the store and of `take`; the next look goes on with what was not taken.
  Result<void> look(const Take& take);

  const SeenPlaces& seen() const { return seen_; }
  /// How many records the history had when all of it was read last.
  std::uint64_t records() const { return records_; }

  /// What a look at everything may cost: so many times longer is the pause behind it, and so often
  /// it is done at least.
  static constexpr int kPauseFactor = 20;
  static constexpr std::chrono::seconds kLeastPause{1};
  static constexpr std::chrono::seconds kLongestPause{60};

 private:
  Result<std::uint64_t> take_from(std::optional<TimePoint> since, const Take& take);
  Result<void> look_through(const Take& take);

  Storage& storage_;
  Clock& clock_;
  SeenPlaces seen_;
  std::optional<std::uint64_t> entries_;  ///< That the index should have; nothing: look through.
  std::uint64_t records_ = 0;
  std::chrono::nanoseconds next_look_through_{};  ///< Not before.
  std::chrono::nanoseconds last_look_through_{};  ///< How long it took,
  std::chrono::nanoseconds looked_through_at_{};  ///< and when it ended.
};

}  // namespace rz::fallback
