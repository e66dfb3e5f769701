// Every decorator against every virtual function of Storage, whose names are read from its header:
// a new function that a decorator does not forward fails here.
#include "rz/storage/storage_wrapper.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "rz/base/file.h"
#include "rz/storage/bounded_storage.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/read_ahead.h"
#include "support/paths.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using Strings = std::vector<std::string>;

/// Notes each call with its arguments, and gives answers that no default gives.
class Recording final : public Storage {
 public:
  Result<std::optional<std::string>> get(std::string_view key) override {
    note({"get", std::string(key)});
    return "value";
  }
  Result<std::vector<std::optional<std::string>>> get_many(
      std::span<const std::string> keys) override {
    note({"get_many", keys.front()});
    return std::vector<std::optional<std::string>>(keys.size(), "values");
  }
  Result<void> set(std::string_view key, std::string_view value,
                   std::optional<Millis> expire) override {
    note({"set", std::string(key), std::string(value), text(expire)});
    return {};
  }
  Result<bool> remove(std::string_view key) override {
    note({"remove", std::string(key)});
    return true;
  }
  Result<bool> exists(std::string_view key) override {
    note({"exists", std::string(key)});
    return true;
  }
  Result<ScanPage> scan_keys(std::string_view glob, std::string_view cursor) override {
    note({"scan_keys", std::string(glob), std::string(cursor)});
    return ScanPage{{"key"}, "next"};
  }
  Result<bool> expire(std::string_view key, Millis after) override {
    note({"expire", std::string(key), text(after)});
    return true;
  }
  Result<std::int64_t> increment(std::string_view key, std::int64_t by,
                                 std::optional<Millis> expire) override {
    note({"increment", std::string(key), std::to_string(by), text(expire)});
    return 42;
  }
  Result<Commit> commit(const Batch& batch) override {
    note({"commit", std::to_string(batch.writes.size())});
    return Commit::place_taken;
  }
  Result<std::vector<LogRecord>> read_log(std::string_view log, const LogRange& range) override {
    note({"read_log", std::string(log), std::to_string(range.limit)});
    return std::vector<LogRecord>{{TimePoint{}, "record"}};
  }
  Result<std::uint64_t> count_log(std::string_view log) override {
    note({"count_log", std::string(log)});
    return 7;
  }
  Result<std::vector<KeyValue>> read_collection(std::string_view collection) override {
    note({"read_collection", std::string(collection)});
    return std::vector<KeyValue>{{"member", "value"}};
  }
  Result<ReadAnswer> read_together(const ReadSet& what) override {
    note({"read_together", what.keys.front()});
    return ReadAnswer{{std::optional<std::string>("values")}, {}, {}};
  }
  Result<StoreProbe> probe() override {
    note({"probe"});
    return StoreProbe{std::nullopt, {"a warning"}};
  }
  Result<void> health_check() override {
    note({"health_check"});
    return {};
  }
  void set_end(std::optional<std::chrono::nanoseconds> end) override {
    note({"set_end", end ? std::to_string(end->count()) : "none"});
  }
  Result<Strings> durability_warnings() override {
    note({"durability_warnings"});
    return Strings{"a warning"};
  }
  Result<std::optional<TimePoint>> server_time() override {
    note({"server_time"});
    return TimePoint{Micros{7}};
  }
  std::optional<Error> read_only() const override {
    note({"read_only"});
    return Error{ErrorCode::unavailable, "a replica", ""};
  }
  bool lasts() const override {
    note({"lasts"});
    return false;
  }
  std::string description() const override {
    note({"description"});
    return "recording:";
  }

  mutable std::vector<Strings> calls;

 private:
  static std::string text(std::optional<Millis> time) {
    return time ? std::to_string(time->count()) : "none";
  }
  void note(Strings call) const { calls.push_back(std::move(call)); }
};

/// A function of Storage: calls it, and returns what the answer says.
struct Function {
  std::string name;
  std::function<std::string(Storage&)> call;
};

const std::vector<Function>& functions() {
  static const std::vector<Function> kFunctions{
      {"get", [](Storage& store) { return ok(store.get("k")).value_or(""); }},
      {"get_many", [](Storage& store) { return ok(store.get_many(Strings{"k"}))[0].value_or(""); }},
      {"set",
       [](Storage& store) { return store.set("k", "v", Millis{5}) ? std::string("set") : ""; }},
      {"remove", [](Storage& store) { return std::to_string(ok(store.remove("k"))); }},
      {"exists", [](Storage& store) { return std::to_string(ok(store.exists("k"))); }},
      {"scan_keys", [](Storage& store) { return ok(store.scan_keys("k*", "before")).cursor; }},
      {"expire", [](Storage& store) { return std::to_string(ok(store.expire("k", Millis{5}))); }},
      {"increment",
       [](Storage& store) { return std::to_string(ok(store.increment("k", 3, Millis{5}))); }},
      {"commit",
       [](Storage& store) {
         return std::string(to_string(ok(store.commit(Batch().set("k", "v").remove("r")))));
       }},
      {"read_log",
       [](Storage& store) { return ok(store.read_log("l", {.limit = 3})).front().value; }},
      {"count_log", [](Storage& store) { return std::to_string(ok(store.count_log("l"))); }},
      {"read_collection",
       [](Storage& store) { return ok(store.read_collection("c:")).front().key; }},
      {"read_together",
       [](Storage& store) {
         return ok(ok(store.read_together({.keys = {"k"}})).values.front()).value_or("");
       }},
      {"probe",
       [](Storage& store) {
         const Strings warnings = ok(store.probe()).warnings;
         return warnings.empty() ? std::string() : warnings.front();
       }},
      {"health_check",
       [](Storage& store) { return store.health_check() ? std::string("well") : ""; }},
      {"set_end",
       [](Storage& store) {
         store.set_end(std::chrono::nanoseconds{9});
         return std::string();
       }},
      {"durability_warnings",
       [](Storage& store) {
         const Strings warnings = ok(store.durability_warnings());
         return warnings.empty() ? std::string() : warnings.front();
       }},
      {"server_time",
       [](Storage& store) {
         const auto time = ok(store.server_time());
         return time ? std::to_string(time->time_since_epoch().count()) : std::string();
       }},
      {"read_only",
       [](Storage& store) {
         const auto why = store.read_only();
         return why ? why->message : std::string();
       }},
      {"lasts", [](Storage& store) { return std::to_string(store.lasts()); }},
      {"description", [](Storage& store) { return store.description(); }},
  };
  return kFunctions;
}

/// For a decorator that owns its target.
class Borrowed final : public StorageWrapper {
 public:
  using StorageWrapper::StorageWrapper;
  Result<ReadAnswer> read_together(const ReadSet& what) override {
    return target().read_together(what);
  }
  Result<StoreProbe> probe() override { return target().probe(); }
};

struct Decorator {
  std::string name;
  std::function<std::unique_ptr<Storage>(Storage& target, Clock& clock)> make;
  /// Whether read_together and probe make the other calls, as StorageWrapper says.
  bool in_parts = false;
};

const std::vector<Decorator>& decorators() {
  static const std::vector<Decorator> kDecorators{
      {"StorageWrapper",
       [](Storage& target, Clock&) { return std::make_unique<StorageWrapper>(target); }, true},
      {"FaultyStorage",
       [](Storage& target, Clock& clock) { return std::make_unique<FaultyStorage>(target, clock); },
       true},
      {"BoundedStorage",
       [](Storage& target, Clock& clock) {
         return std::make_unique<BoundedStorage>(target, clock, Millis{10'000});
       }},
      {"ReadAhead",
       [](Storage& target, Clock&) {
         return std::make_unique<ReadAhead>(std::make_unique<Borrowed>(target));
       }},
  };
  return kDecorators;
}

TEST_CASE("every decorator forwards every function of Storage, arguments and answer unchanged") {
  for (const Decorator& decorator : decorators()) {
    for (const Function& function : functions()) {
      CAPTURE(decorator.name);
      CAPTURE(function.name);
      ManualClock clock;
      Recording direct;
      const std::string expected = function.call(direct);
      Recording target;
      const auto decorated = decorator.make(target, clock);
      target.calls.clear();
      const std::string answer = function.call(*decorated);
      if (decorator.in_parts && (function.name == "read_together" || function.name == "probe")) {
        CHECK_FALSE(target.calls.empty());
      } else {
        CHECK(answer == expected);
        CHECK(target.calls == direct.calls);
      }
    }
  }
}

TEST_CASE("the functions that are tried are those of the header") {
  const std::string header =
      ok(read_file(test::source_dir() + "/lib/rz/storage/storage.h", 1 << 20));
  const std::regex declared(R"(virtual\s[^()]*?(~?\w+)\()");
  Strings names;
  for (std::sregex_iterator each(header.begin(), header.end(), declared), end; each != end;
       ++each) {
    if (const std::string name = (*each)[1]; name != "~Storage") names.push_back(name);
  }
  Strings tried;
  for (const Function& function : functions()) tried.push_back(function.name);
  std::sort(names.begin(), names.end());
  std::sort(tried.begin(), tried.end());
  CHECK(names == tried);
}

}  // namespace
}  // namespace rz::storage
