// Any sequence of operations answers the same on SQLite as in memory.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <ostream>
#include <string>
#include <vector>

#include "rz/storage/memory_storage.h"
#include "rz/storage/sqlite/sqlite_storage.h"
#include "support/temp_folder.h"

namespace rz::storage {
namespace {

enum class StepKind {
  get,
  get_many,
  set,
  remove,
  exists,
  scan,
  expire,
  increment,
  commit,
  read,
  wait
};

/// One operation. Each kind takes of the fields what it needs.
struct Step {
  StepKind kind;
  std::string key, other_key, log, value;
  std::optional<Millis> expire;
  TimePoint time, later;
  std::int64_t number;
  bool flag;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << fmt::format(
             "{{kind {}, key '{}', other '{}', log '{}', value '{}', expire {}, time {}, later {}, "
             "number {}, flag {}}}",
             static_cast<int>(step.kind), step.key, step.other_key, step.log, step.value,
             step.expire ? step.expire->count() : -1, step.time.time_since_epoch().count(),
             step.later.time_since_epoch().count(), step.number, step.flag);
}

std::string show(const Error& error) { return std::string("error ") + to_string(error.code); }
std::string show(std::string_view text) { return fmt::format("'{}'", text); }
std::string show(std::int64_t number) { return std::to_string(number); }
std::string show(Commit commit) { return to_string(commit); }
std::string show(const LogRecord& record) {
  return show(record.time.time_since_epoch().count()) + show(record.value);
}
template <class T>
std::string show(const std::optional<T>& value) {
  return value ? show(*value) : "nothing";
}
template <class T>
std::string show(const std::vector<T>& items) {
  std::string text;
  for (const T& item : items) text += show(item) + " ";
  return text;
}
template <class T>
std::string show(const Result<T>& result) {
  if (!result) return show(result.error());
  if constexpr (std::is_void_v<T>) {
    return "done";
  } else {
    return show(*result);
  }
}

Batch batch_of(const Step& step) {
  Batch batch;
  if (step.flag) batch.expectations.push_back({step.other_key, step.value});
  if (step.number % 2 == 0) batch.append(step.log, step.time, step.value, step.expire);
  if (step.number % 3 == 0) batch.remove(step.key);
  if (step.number % 5 == 0) batch.set(step.other_key, step.value, step.expire);
  return batch;
}

/// What `storage` answers to `step`, as text.
std::string perform(Storage& storage, const Step& step) {
  switch (step.kind) {
    case StepKind::get: return show(storage.get(step.key));
    case StepKind::get_many: {
      return show(storage.get_many(std::vector<std::string>{step.key, step.other_key, step.key}));
    }
    case StepKind::set: return show(storage.set(step.key, step.value, step.expire));
    case StepKind::remove: return show(storage.remove(step.key));
    case StepKind::exists: return show(storage.exists(step.key));
    case StepKind::scan: return show(scan_all_keys(storage, step.flag ? "*" : "log*"));
    case StepKind::expire: return show(storage.expire(step.key, step.expire.value_or(Millis{0})));
    case StepKind::increment: return show(storage.increment(step.key, step.number, step.expire));
    case StepKind::commit: return show(storage.commit(batch_of(step)));
    case StepKind::read: {
      LogRange range{.limit = static_cast<std::size_t>(step.number), .newest_first = step.flag};
      if (step.number % 2 == 0) range.since = step.time;
      if (step.number % 3 == 0) range.until = step.later;
      return show(storage.read_log(step.log, range));
    }
    case StepKind::wait: return "waited";
  }
  return "";
}

rc::Gen<Step> any_step() {
  using rc::gen::element;
  using rc::gen::inRange;
  using rc::gen::map;
  const auto time = map(inRange(0, 4), [](int n) { return TimePoint{Micros{n}}; });
  const auto key = element<std::string>("", "a", "n", "log:0.000000", "log:0.000001",
                                        "log:0.000002", "lo:0.000001");
  const auto life = map(inRange(0, 6), [](int n) {
    return n < 3 ? std::nullopt : std::optional(Millis{(n - 3) * 10});
  });
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind,
                   map(inRange(0, 11), [](int n) { return static_cast<StepKind>(n); })),
      rc::gen::set(&Step::key, key), rc::gen::set(&Step::other_key, key),
      rc::gen::set(&Step::log, element<std::string>("log", "lo")),
      rc::gen::set(&Step::value, element<std::string>("", "1", "7", "x")),
      rc::gen::set(&Step::expire, life), rc::gen::set(&Step::time, time),
      rc::gen::set(&Step::later, time), rc::gen::set(&Step::number, inRange<std::int64_t>(0, 7)),
      rc::gen::set(&Step::flag));
}

TEST_CASE("SQLite and memory answer alike") {
  CHECK(rc::check("every answer is the same", [] {
    const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
    const TempFolder folder;
    ManualClock clock;
    MemoryStorage memory(clock);
    const auto sqlite = open_sqlite_storage(folder / "rz.db", {}, clock);
    RC_ASSERT(sqlite.has_value());
    for (const Step& step : steps) {
      if (step.kind == StepKind::wait) clock.advance(Millis{step.number});
      RC_ASSERT(perform(**sqlite, step) == perform(memory, step));
    }
  }));
}

}  // namespace
}  // namespace rz::storage
