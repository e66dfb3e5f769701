#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"

#pragma GCC visibility push(default)
namespace rz {

/// A set of writes that take effect together, if every expectation holds just before the first of
/// them. A plain value type. The writes keep their order: of several to one key the last one
/// counts.
struct Batch {
  /// `key` holds exactly `value`, or is absent where `value` is nothing.
  struct Expectation {
    std::string key;
    std::optional<std::string> value;
  };
  struct Set {
    std::string key;
    std::string value;
    std::optional<Millis> expire;  ///< From now on; nothing: for ever.
    std::string collection = {};   ///< Of which the key is a member (set_member); empty: of none.
  };
  struct Remove {
    std::string key;
  };
  /// Adds a record to the log named `log`: the string at log_key(log, time), and its index entry.
  /// log_key(log, time) must be absent (Commit::place_taken). The record is in the log for as long
  /// as that key lives: set changes it, remove and expiry take it out.
  struct Append {
    std::string log;
    TimePoint time;
    std::string value;
    std::optional<Millis>
        expire;  ///< From now on, or from `time` if the caller's clock is behind it.
  };
  using Write = std::variant<Set, Remove, Append>;

  std::vector<Expectation> expectations;
  std::vector<Write> writes;
  /// Whether commit also waits for the replicas of a store that fails over to them, and is an error
  /// (timeout) where they do not confirm: the writes then stand, but a failover may lose them.
  bool replicated = false;

  /// That `key` holds exactly `value`, or is absent where that is nothing.
  Batch& expect(std::string key, std::optional<std::string> value);
  Batch& expect_absent(std::string key);
  Batch& set(std::string key, std::string value, std::optional<Millis> expire = std::nullopt);
  /// Sets the key `collection` + `name`, and makes it a member of the collection. A collection is a
  /// small family of keys (components, breakers) that read_collection reads together; its name ends
  /// with a colon. `name` is not empty.
  Batch& set_member(std::string collection, std::string_view name, std::string value,
                    std::optional<Millis> expire = std::nullopt);
  Batch& remove(std::string key);
  Batch& append(std::string log, TimePoint time, std::string value,
                std::optional<Millis> expire = std::nullopt);
};

/// The outcome of a batch.
enum class Commit {
  done,         ///< Everything is written.
  refused,      ///< Nothing is written: an expectation did not hold. Read again and decide anew.
  place_taken,  ///< Nothing is written: the expectations held, but the log of an Append already has
                ///< a record at its time. Give it a later time; the decision is still valid.
};

/// The name of `commit` as it stands in the enumeration.
const char* to_string(Commit commit);

/// A record of a log. `time` is unique within its log.
struct LogRecord {
  TimePoint time;
  std::string value;

  bool operator==(const LogRecord&) const = default;
};

/// Which records of a log, and from which end.
struct LogRange {
  std::optional<TimePoint> since = std::nullopt;  ///< Inclusive.
  std::optional<TimePoint> until = std::nullopt;  ///< Exclusive.
  std::size_t limit = 1000;  ///< At most so many; page on from the last record's time.
  bool newest_first = false;
};

/// One page of a scan. An empty `cursor` ends it.
struct ScanPage {
  std::vector<std::string> keys;
  std::string cursor;
};

/// A key and its value.
struct KeyValue {
  std::string key;
  std::string value;

  bool operator==(const KeyValue&) const = default;
};

/// What read_together reads.
struct ReadSet {
  std::vector<std::string> keys{};
  std::vector<std::string> collections{};
  std::vector<std::string> logs{};
};

/// The answer to each part of a ReadSet, in its order. An error of one part (corrupt) does not
/// affect the others.
struct ReadAnswer {
  std::vector<Result<std::optional<std::string>>> values;
  std::vector<Result<std::vector<KeyValue>>> collections;
  std::vector<Result<bool>> logs;  ///< Whether the log may have records.
};

/// What probe() found out about a store that answers and can be read.
struct StoreProbe {
  std::optional<Error> write_error;   ///< Why it cannot be written to; nothing: it can.
  std::vector<std::string> warnings;  ///< As durability_warnings(); empty if it cannot tell.
};

/// The key that probe() writes, and how long it lives.
inline constexpr std::string_view kProbeKey = "rz:probe";
inline constexpr Millis kProbeLife{std::chrono::hours{1}};

/// The key of a log's record: `LOG:<unix seconds, 6 decimals>`, as the old system wrote
/// `fallback:transition:<ts>`. No two pairs of log and time share a key.
std::string log_key(std::string_view log, TimePoint time);

/// A shared memory of small records and ordered logs. Thread-safe; every call is bounded by the
/// deadline that the implementation was opened with. Keys and values may hold any bytes, may be
/// empty, and are at most kMaxStringBytes long (storage_rules.h).
///
/// Implementations: MemoryStorage (this process), SqliteStorage (this machine), RedisStorage (any
/// machine). All of them pass tests/storage/storage_contract.h.
///
/// Errors of every call: unavailable, timeout, auth, unsupported (another kind of server than the
/// URL says, the file of a newer rz), corrupt (a damaged file or answer of the engine, or a key
/// whose value is not a string), and invalid_argument where a call says so. After a timeout of a
/// write its outcome is unknown.
class Storage {
 public:
  virtual ~Storage() = default;

  /// The value of `key`; nothing if it is absent or has expired.
  virtual Result<std::optional<std::string>> get(std::string_view key) = 0;

  /// As get, for each of `keys`, in their order; a key may be named twice.
  virtual Result<std::vector<std::optional<std::string>>> get_many(
      std::span<const std::string> keys) = 0;

  /// Writes the value. It expires after `expire`, or never; an expiry that the key had before is
  /// dropped.
  /// Errors: invalid_argument for an expiry of zero or less, or beyond 290,000 years.
  virtual Result<void> set(std::string_view key, std::string_view value,
                           std::optional<Millis> expire = std::nullopt) = 0;

  /// Whether the key was there.
  virtual Result<bool> remove(std::string_view key) = 0;

  virtual Result<bool> exists(std::string_view key) = 0;

  /// Keys that match `glob` (`* ? [a-z] [^x] \`, see glob.h), page by page; start with an empty
  /// cursor. Unordered. Keys present throughout the scan come at least once (a key may come twice);
  /// keys written or removed meanwhile may or may not come. A page may be empty before the end.
  /// Errors: invalid_argument for a cursor that this store did not give.
  virtual Result<ScanPage> scan_keys(std::string_view glob, std::string_view cursor = {}) = 0;

  /// Lets `key` expire after `after`. Returns whether the key is there.
  /// Errors: invalid_argument, as set.
  virtual Result<bool> expire(std::string_view key, Millis after) = 0;

  /// Adds `by` to the decimal int64 at `key` (an absent one counts as 0) and returns the sum. A key
  /// made by this call expires after `expire`; one that is there keeps its expiry.
  /// Errors: invalid_argument, with nothing changed, if the value is not an int64 exactly as
  /// std::to_string writes it (`+1`, `01` and ` 1` are refused), or if the sum overflows.
  virtual Result<std::int64_t> increment(std::string_view key, std::int64_t by = 1,
                                         std::optional<Millis> expire = std::nullopt) = 0;

  /// Applies all writes of `batch` if all of its expectations hold and the places of its records
  /// are free, else none of them. Where both fail, the answer is `refused`.
  /// After a timeout the outcome is unknown: look for what you wrote.
  /// Errors: invalid_argument for an expiry as in set, and for two records at one time of one log.
  virtual Result<Commit> commit(const Batch& batch) = 0;

  /// Records of the log, in order of time from the end that `range` names. Expired and removed
  /// records do not come and do not count against the limit. Reading the newest ten of a million
  /// costs what reading the newest ten of a thousand costs. Only what Batch::Append wrote is in a
  /// log. If a record is removed and its key is set again later, it depends on the engine whether
  /// it is in the log again.
  virtual Result<std::vector<LogRecord>> read_log(std::string_view log, const LogRange& range) = 0;

  /// How many entries the log has, for a reader who waits for new ones: the number differs wherever
  /// records were only added since. Entries of records that have expired or were removed may still
  /// count. The default reads the log.
  virtual Result<std::uint64_t> count_log(std::string_view log);

  /// The members of a collection (Batch::set_member), sorted by key. The cost follows their number,
  /// not the number of other keys. A key with the collection's name as its prefix that was written
  /// in another way is a member too, if it was there before the collection was first read.
  /// Errors: invalid_argument in a cluster whose keys do not share a slot.
  virtual Result<std::vector<KeyValue>> read_collection(std::string_view collection) = 0;

  /// Reads many things at once, in one round trip where the engine can; the default makes one call
  /// after the other.
  /// Errors: those of an outage (is_outage). Any other error is in the part that it concerns.
  virtual Result<ReadAnswer> read_together(const ReadSet& what);

  /// Proves that the store answers, and can be read and written: it writes kProbeKey. In one round
  /// trip where the engine can; the default calls health_check, set and durability_warnings.
  virtual Result<StoreProbe> probe();

  /// A cheap round trip that proves that the store answers and can be read.
  virtual Result<void> health_check() = 0;

  /// Every later call must also end by `end`, a time of Clock::monotonic() of the clock that the
  /// store was opened with; nothing: its own deadline alone holds. For a program whose run has a
  /// deadline; see bounded_storage.h. A store that never waits may ignore it.
  virtual void set_end(std::optional<std::chrono::nanoseconds> end) { static_cast<void>(end); }

  /// How the store may lose what it has acknowledged without any fault (a server that evicts keys,
  /// or keeps nothing on disk): a sentence each, with what to do. Empty if no such way is known,
  /// also because the store does not let rz ask. Writes nothing.
  virtual Result<std::vector<std::string>> durability_warnings() = 0;

  /// What the store's own clock says, which all hosts share; nothing: it has none but this host's,
  /// or does not tell.
  virtual Result<std::optional<TimePoint>> server_time() { return std::optional<TimePoint>{}; }

  /// Why the store can only be read, as far as the calls so far have shown it: a replica, which may
  /// be empty or far behind. Asks nobody.
  virtual std::optional<Error> read_only() const { return std::nullopt; }

  /// Whether what is stored outlives this process. Asks nobody.
  virtual bool lasts() const { return true; }

  /// The store's address for messages, without secrets: `redis://user@host:6379/0`, `sqlite:/p`.
  virtual std::string description() const = 0;
};

/// Collects every page of a scan, sorted, each key once. For key spaces known to be small.
Result<std::vector<std::string>> scan_all_keys(Storage& storage, std::string_view glob);

}  // namespace rz
#pragma GCC visibility pop
