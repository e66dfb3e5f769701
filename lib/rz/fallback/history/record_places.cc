#include "rz/fallback/history/record_places.h"

#include <algorithm>
#include <array>
#include <utility>

#include "rz/base/try.h"
#include "rz/fallback/history/unindexed_records.h"

namespace rz::fallback {
namespace {

bool is_record_before(const LogRecord& record, TimePoint time) { return record.time < time; }

}  // namespace

bool is_same_record(std::string_view stored, const Transition& record) {
  auto decoded = decode_transition(stored);
  if (!decoded) return false;
  decoded->writer = record.writer;
  decoded->timestamp = record.timestamp;
  return *decoded == record;
}

Result<void> RecordPlaces::read_around(std::span<const Transition> records) {
  if (records.empty()) return {};
  const auto [first, last] = std::minmax_element(
      records.begin(), records.end(),
      [](const Transition& a, const Transition& b) { return a.timestamp < b.timestamp; });
  // As far as unknown_of() looks, and as far as a record may be moved.
  const LogRange range{.since = first->timestamp - Micros{1},
                       .until = last->timestamp + Micros{kTransitionPlaces},
                       .limit = 2 * kHistoryPage};
  TRY_ASSIGN(auto around, storage_.read_log(kTransitionLog, range));
  if (around.size() < range.limit) around_ = std::move(around);
  return {};
}

Result<std::vector<std::optional<std::string>>> RecordPlaces::at(
    std::span<const Transition* const> records, Micros distance) const {
  if (!around_) {
    std::vector<std::string> keys;
    keys.reserve(records.size());
    for (const Transition* record : records) {
      keys.push_back(log_key(kTransitionLog, record->timestamp + distance));
    }
    return storage_.get_many(keys);
  }
  std::vector<std::optional<std::string>> values(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const TimePoint place = records[i]->timestamp + distance;
    const auto found = std::lower_bound(around_->begin(), around_->end(), place, is_record_before);
    if (found != around_->end() && found->time == place) values[i] = found->value;
  }
  return values;
}

Result<std::vector<const Transition*>> RecordPlaces::unknown_of(
    std::span<const Transition> records) const {
  constexpr std::array kNear{Micros{0}, Micros{1}, Micros{-1}, Micros{2}};
  std::vector<const Transition*> unknown;
  unknown.reserve(records.size());
  for (const Transition& record : records) unknown.push_back(&record);
  if (around_ && around_->empty()) return unknown;
  for (const Micros distance : kNear) {
    TRY_ASSIGN(const auto there, at(unknown, distance));
    std::vector<const Transition*> left;
    for (std::size_t i = 0; i < unknown.size(); ++i) {
      const bool known = there[i] && is_same_record(*there[i], *unknown[i]);
      if (!known) left.push_back(unknown[i]);
    }
    unknown = std::move(left);
  }
  return unknown;
}

}  // namespace rz::fallback
