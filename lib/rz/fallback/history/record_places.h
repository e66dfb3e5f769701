#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

/// Whether what is stored is `record`, wherever its place and whoever wrote it.
bool is_same_record(std::string_view stored, const Transition& record);

/// What the history has at the places of records that are to be added. Does not own the storage;
/// not thread-safe.
class RecordPlaces {
 public:
  explicit RecordPlaces(Storage& storage) : storage_(storage) {}

  /// Reads all records around those of a page at once, from the index: an import into an empty
  /// history, or of what is there already, then asks once and not for each place. Where too many
  /// others are between them, nothing is kept, and each place is asked for.
  Result<void> read_around(std::span<const Transition> records);

  /// What is stored `distance` behind the time of each record, in their order.
  Result<std::vector<std::optional<std::string>>> at(std::span<const Transition* const> records,
                                                     Micros distance) const;

  /// Those of `records` that the history does not have. A record that was moved is a few
  /// microseconds behind its time; one of Python's clock may be rounded.
  Result<std::vector<const Transition*>> unknown_of(std::span<const Transition> records) const;

 private:
  Storage& storage_;
  std::optional<std::vector<LogRecord>> around_;  ///< In order of time.
};

}  // namespace rz::fallback
