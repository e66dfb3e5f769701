#include "rz/suites/storage_suite.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "rz/bench/disk_probe.h"
#include "rz/bench/scratch_folder.h"
#include "rz/storage/open_storage.h"

namespace rz::suites {
namespace {

// The keys of a run that is killed expire after this time.
constexpr Millis kLifetime = std::chrono::minutes(10);
const std::string kValue(100, 'v');

// The keys of a call that takes many.
constexpr std::size_t kMany = 1'000;
// The length that the log is kept at.
constexpr std::int64_t kRecords = 100;

/// A store with the keys that are measured in it.
class StorageFixture {
 public:
  StorageFixture(std::unique_ptr<Storage> storage, const std::string& name)
      : storage_(std::move(storage)),
        key_("rz:bench:" + std::to_string(::getpid()) + ":" + name),
        log_("rz:bench:" + name) {}
  StorageFixture(const StorageFixture&) = delete;
  StorageFixture& operator=(const StorageFixture&) = delete;
  // If the store is no longer there, the keys expire.
  ~StorageFixture() {
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
    bench::do_not_optimize(answer);
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

using Open = std::function<Result<std::shared_ptr<StorageFixture>>(const std::string& name)>;

using MadeFixture = Result<std::shared_ptr<StorageFixture>>;

// The first write creates the key for `get`, and shows whether the store can be reached.
MadeFixture make_fixture(const Open& open, const std::string& name) {
  auto fixture = open(name);
  if (!fixture) return fixture;
  if (auto written = (*fixture)->set(); !written) return fail(std::move(written).error());
  return fixture;
}

/// Calls `call` once an iteration.
Result<bench::Operation> one_by_one(const MadeFixture& fixture,
                                    Result<void> (StorageFixture::*call)()) {
  if (!fixture) return fail(fixture.error());
  return bench::repeat([fixture = *fixture, call] { return (*fixture.*call)(); });
}

/// An iteration is one key: `call` gets kMany of them at a time.
Result<bench::Operation> many_at_once(const MadeFixture& fixture,
                                      Result<void> (StorageFixture::*call)(std::size_t)) {
  if (!fixture) return fail(fixture.error());
  if (auto written = (*fixture)->set_many_expiring(kMany); !written)
    return fail(std::move(written).error());
  (*fixture)->forget_batch();
  return bench::Operation([fixture = *fixture, call](std::uint64_t iterations) -> Result<void> {
    for (std::uint64_t i = 0; i < iterations; i += kMany) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kMany, iterations - i));
      if (auto done = (*fixture.*call)(count); !done) return done;
    }
    return {};
  });
}

Result<bench::Operation> set_up_read_log(const MadeFixture& fixture) {
  if (!fixture) return fail(fixture.error());
  for (std::int64_t i = 0; i < kRecords; ++i) {
    if (auto done = (*fixture)->commit(); !done) return fail(std::move(done).error());
  }
  return one_by_one(fixture, &StorageFixture::read_log);
}

/// `disk`: what tells how fast the disk is that writes wait for; null: they wait for none.
std::vector<bench::Benchmark> make_suite(const std::string& engine, StorageLoad load,
                                         const Open& open,
                                         const std::function<double()>& disk = nullptr) {
  const std::string name = "storage/" + engine + "/";
  const auto probe_of = [&](std::string_view what) {
    const bool writes = what.starts_with("set") || what == "commit";
    return writes ? disk : nullptr;
  };
  const auto one = [&](const char* what, Result<void> (StorageFixture::*call)()) {
    return bench::Benchmark{.name = name + what,
                            .setup = [=] { return one_by_one(make_fixture(open, what), call); },
                            .wait_probe = probe_of(what)};
  };
  const auto many = [&](const char* what, Result<void> (StorageFixture::*call)(std::size_t)) {
    return bench::Benchmark{.name = name + what,
                            .setup = [=] { return many_at_once(make_fixture(open, what), call); },
                            .wait_probe = probe_of(what)};
  };
  std::vector<bench::Benchmark> suite{one("get", &StorageFixture::get),
                                      one("set", &StorageFixture::set)};
  if (load == StorageLoad::full) {
    suite.push_back(many("get_many", &StorageFixture::get_many));
    suite.push_back(many("set_many", &StorageFixture::set_many));
    suite.push_back(many("set_many_expiring", &StorageFixture::set_many_expiring));
  }
  suite.push_back(one("commit", &StorageFixture::commit));
  suite.push_back(
      {name + "read_log", [=] { return set_up_read_log(make_fixture(open, "read_log")); }});
  return suite;
}

}  // namespace

std::vector<bench::Benchmark> storage_suite(const std::string& engine,
                                            const StorageOptions& options, StorageLoad load) {
  return make_suite(engine, load,
                    [options](const std::string& name) -> Result<std::shared_ptr<StorageFixture>> {
                      auto storage = open_storage(options);
                      if (!storage) return fail(std::move(storage).error());
                      return std::make_shared<StorageFixture>(std::move(*storage), name);
                    });
}

std::vector<bench::Benchmark> temporary_sqlite_suite(StorageLoad load) {
  const bool in_memory = load == StorageLoad::brief && bench::ScratchFolder::has_memory();
  const Open open =
      [in_memory](const std::string& name) -> Result<std::shared_ptr<StorageFixture>> {
    auto folder = in_memory ? bench::ScratchFolder::make_in_memory() : bench::ScratchFolder::make();
    if (!folder) return fail(std::move(folder).error());
    StorageOptions options;
    options.url = "sqlite:" + (*folder)->path() + "/bench.db";
    auto storage = open_storage(options);
    if (!storage) return fail(std::move(storage).error());
    // The store must be closed before its folder is removed.
    auto fixture = std::make_unique<StorageFixture>(std::move(*storage), name);
    return std::shared_ptr<StorageFixture>(
        fixture.release(), [folder = *folder](StorageFixture* used) { delete used; });
  };
  return make_suite("sqlite", load, open, in_memory ? nullptr : bench::disk_probe());
}

}  // namespace rz::suites
