#include "rz/bench/suites/storage_suite.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "rz/base/file.h"
#include "rz/storage/open_storage.h"

namespace rz::bench {
namespace {

// The keys of a run that is killed expire after this time.
constexpr Millis kLifetime = std::chrono::minutes(10);
const std::string kValue(100, 'v');

// The keys of a call that takes many.
constexpr std::size_t kMany = 1'000;
// The length that the log is kept at.
constexpr std::int64_t kRecords = 100;

/// A store with the keys that are measured in it.
class Fixture {
 public:
  Fixture(std::unique_ptr<Storage> storage, const std::string& name)
      : storage_(std::move(storage)),
        key_("rz:bench:" + std::to_string(::getpid()) + ":" + name),
        log_("rz:bench:" + name) {}
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  // If the store is no longer there, the keys expire.
  ~Fixture() {
    Batch all;
    all.remove(key_);
    for (const std::string& key : keys_) all.remove(key);
    for (std::int64_t i = 0; i < kRecords; ++i) all.remove(record_key(appended_ - i));
    (void)storage_->commit(all).has_value();
  }

  Result<void> set() { return storage_->set(key_, kValue, kLifetime); }

  Result<void> get() {
    const auto value = storage_->get(key_);
    if (!value) return fail(value.error());
    return require(value->has_value(), *value);
  }

  /// Writes `count` of the keys, kMany at most, in one commit.
  Result<void> set_many(std::size_t count) { return write_many(count, std::nullopt); }
  Result<void> set_many_expiring(std::size_t count) { return write_many(count, kLifetime); }

  Result<void> write_many(std::size_t count, std::optional<Millis> expire) {
    make_keys();
    if (many_.writes.size() != count) {
      many_ = {};
      for (std::size_t i = 0; i < count; ++i) many_.set(keys_[i], kValue, expire);
    }
    const auto done = storage_->commit(many_);
    if (!done) return fail(done.error());
    return {};
  }

  /// Must come before a write_many with another expiry.
  void forget_batch() { many_ = {}; }

  Result<void> get_many(std::size_t count) {
    const auto values = storage_->get_many(std::span(keys_).first(count));
    if (!values) return fail(values.error());
    return require(values->back().has_value(), *values);
  }

  /// The writes of a transition: a state that is replaced if it is unchanged, and a record.
  Result<void> commit() {
    Batch batch;
    batch.expect(key_, kValue).set(key_, kValue, kLifetime);
    ++appended_;
    batch.append(log_, first_ + Micros{appended_}, kValue, kLifetime);
    // The log keeps its length, so that every commit costs the same.
    batch.remove(record_key(appended_ - kRecords));
    const auto done = storage_->commit(batch);
    if (!done) return fail(done.error());
    return require(*done == Commit::done, batch);
  }

  /// The newest ten records.
  Result<void> read_log() {
    const auto records = storage_->read_log(log_, {.limit = 10, .newest_first = true});
    if (!records) return fail(records.error());
    return require(records->size() == 10, *records);
  }

 private:
  template <class T>
  Result<void> require(bool holds, const T& answer) const {
    do_not_optimize(answer);
    if (holds) return {};
    return fail(ErrorCode::conflict, "the keys of the benchmark were changed during the run", key_);
  }

  void make_keys() {
    for (std::size_t i = keys_.size(); i < kMany; ++i) {
      keys_.push_back(key_ + ":" + std::to_string(i));
    }
  }

  std::string record_key(std::int64_t number) const {
    return log_key(log_, first_ + Micros{number});
  }

  std::unique_ptr<Storage> storage_;
  std::string key_;
  std::string log_;  ///< The same for all runs: what one leaves behind, the next one takes away.
  std::vector<std::string> keys_;
  Batch many_;  ///< Of the last write_many.
  const TimePoint first_ = SystemClock::instance().now();
  std::int64_t appended_ = 0;
};

/// A folder that is removed with everything in it.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  static Result<std::shared_ptr<ScratchFolder>> make() {
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    if (error) return fail(ErrorCode::unavailable, error.message(), "TMPDIR");
    std::string path = parent / "rz-bench-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {
      return fail(ErrorCode::unavailable,
                  "cannot make a folder: " + errno_text(errno) + "; set TMPDIR to another place",
                  parent);
    }
    return std::make_shared<ScratchFolder>(path);
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

using Open = std::function<Result<std::shared_ptr<Fixture>>(const std::string& name)>;

using MadeFixture = Result<std::shared_ptr<Fixture>>;

// The first write creates the key for `get`, and shows whether the store can be reached.
MadeFixture make_fixture(const Open& open, const std::string& name) {
  auto fixture = open(name);
  if (!fixture) return fixture;
  if (auto written = (*fixture)->set(); !written) return fail(std::move(written).error());
  return fixture;
}

/// Calls `call` once an iteration.
Result<Operation> one_by_one(const MadeFixture& fixture, Result<void> (Fixture::*call)()) {
  if (!fixture) return fail(fixture.error());
  return Operation([fixture = *fixture, call](std::uint64_t iterations) -> Result<void> {
    for (std::uint64_t i = 0; i < iterations; ++i) {
      if (auto done = (*fixture.*call)(); !done) return done;
    }
    return {};
  });
}

/// An iteration is one key: `call` gets kMany of them at a time.
Result<Operation> many_at_once(const MadeFixture& fixture,
                               Result<void> (Fixture::*call)(std::size_t)) {
  if (!fixture) return fail(fixture.error());
  if (auto written = (*fixture)->set_many_expiring(kMany); !written)
    return fail(std::move(written).error());
  (*fixture)->forget_batch();
  return Operation([fixture = *fixture, call](std::uint64_t iterations) -> Result<void> {
    for (std::uint64_t i = 0; i < iterations; i += kMany) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kMany, iterations - i));
      if (auto done = (*fixture.*call)(count); !done) return done;
    }
    return {};
  });
}

Result<Operation> set_up_read_log(const MadeFixture& fixture) {
  if (!fixture) return fail(fixture.error());
  for (std::int64_t i = 0; i < kRecords; ++i) {
    if (auto done = (*fixture)->commit(); !done) return fail(std::move(done).error());
  }
  return one_by_one(fixture, &Fixture::read_log);
}

std::vector<Benchmark> make_suite(const std::string& engine, StorageLoad load, const Open& open) {
  const std::string name = "storage/" + engine + "/";
  const auto one = [&](const char* what, Result<void> (Fixture::*call)()) {
    return Benchmark{name + what, [=] { return one_by_one(make_fixture(open, what), call); }};
  };
  const auto many = [&](const char* what, Result<void> (Fixture::*call)(std::size_t)) {
    return Benchmark{name + what, [=] { return many_at_once(make_fixture(open, what), call); }};
  };
  std::vector<Benchmark> suite{one("get", &Fixture::get), one("set", &Fixture::set)};
  if (load == StorageLoad::brief) return suite;
  suite.push_back(many("get_many", &Fixture::get_many));
  suite.push_back(many("set_many", &Fixture::set_many));
  suite.push_back(many("set_many_expiring", &Fixture::set_many_expiring));
  suite.push_back(one("commit", &Fixture::commit));
  suite.push_back(
      {name + "read_log", [=] { return set_up_read_log(make_fixture(open, "read_log")); }});
  return suite;
}

}  // namespace

std::vector<Benchmark> storage_suite(const std::string& engine, const StorageOptions& options,
                                     StorageLoad load) {
  return make_suite(engine, load,
                    [options](const std::string& name) -> Result<std::shared_ptr<Fixture>> {
                      auto storage = open_storage(options);
                      if (!storage) return fail(std::move(storage).error());
                      return std::make_shared<Fixture>(std::move(*storage), name);
                    });
}

std::vector<Benchmark> temporary_sqlite_suite(StorageLoad load) {
  return make_suite("sqlite", load,
                    [](const std::string& name) -> Result<std::shared_ptr<Fixture>> {
                      auto folder = ScratchFolder::make();
                      if (!folder) return fail(std::move(folder).error());
                      StorageOptions options;
                      options.url = "sqlite:" + (*folder)->path() + "/bench.db";
                      auto storage = open_storage(options);
                      if (!storage) return fail(std::move(storage).error());
                      // The store must be closed before its folder is removed.
                      auto fixture = std::make_unique<Fixture>(std::move(*storage), name);
                      return std::shared_ptr<Fixture>(
                          fixture.release(), [folder = *folder](Fixture* used) { delete used; });
                    });
}

}  // namespace rz::bench
