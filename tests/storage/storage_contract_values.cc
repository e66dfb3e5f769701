// The contract of Storage for single keys: values, expiry and counters.
#include <doctest/doctest.h>
#include <sys/mman.h>

#include <cstdint>
#include <limits>
#include <set>

#include "rz/storage/storage_rules.h"
#include "storage/storage_contract.h"
#include "storage/storage_contract_support.h"
#include "support/results.h"

namespace rz::storage {

const std::vector<std::string>& awkward_strings() {
  static const std::vector<std::string> strings = [] {
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
    return std::vector<std::string>{"",
                                    std::string(1, '\0'),
                                    std::string("a\0", 2),
                                    std::string("a\0b", 3),
                                    "a",
                                    "A",
                                    "a ",
                                    " a",
                                    "\xff\xfe",
                                    "\xc3",
                                    "\xed\xa0\x80",
                                    "ä€😀",
                                    "\r\n",
                                    "$5\r\nhello\r\n",
                                    "'; --",
                                    "\"",
                                    "%s%n",
                                    "*",
                                    "?",
                                    "[a]",
                                    "[",
                                    "]",
                                    "\\",
                                    "\\*",
                                    "{tag}",
                                    "nil",
                                    "0",
                                    "-1",
                                    every_byte,
                                    std::string(70'000, 'k')};
  }();
  return strings;
}

namespace {

/// Bytes without a pattern that a compressing or line-wise engine could fall for.
std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

/// A view of more zero bytes than any engine takes, which costs no memory.
class HugeString {
 public:
  HugeString()
      : data_(
            ::mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    REQUIRE(data_ != MAP_FAILED);
  }
  HugeString(const HugeString&) = delete;
  HugeString& operator=(const HugeString&) = delete;
  ~HugeString() { ::munmap(data_, kSize); }

  std::string_view view() const { return {static_cast<const char*>(data_), kSize}; }

 private:
  static constexpr std::size_t kSize = kMaxStringBytes + 1;
  void* data_;
};

constexpr Millis kBadExpiries[] = {Millis{0}, Millis{-1}, Millis::min(), Millis::max()};

}  // namespace

void check_values(const StorageBackend& backend) {
  const std::unique_ptr<Storage> storage = backend.open();

  SUBCASE("an absent key") {
    for (const std::string& key : awkward_strings()) {
      CAPTURE(key);
      CHECK(ok(storage->get(key)) == std::nullopt);
      CHECK_FALSE(ok(storage->exists(key)));
      CHECK_FALSE(ok(storage->remove(key)));
    }
  }
  SUBCASE("any bytes as value") {
    for (const std::string& value : awkward_strings()) {
      CAPTURE(value);
      REQUIRE(storage->set("key", value));
      CHECK(ok(storage->get("key")) == value);
      CHECK(ok(storage->exists("key")));
    }
  }
  SUBCASE("any bytes as key") {
    const std::vector<std::string>& keys = awkward_strings();
    for (std::size_t i = 0; i < keys.size(); ++i) REQUIRE(storage->set(keys[i], std::to_string(i)));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      CAPTURE(keys[i]);
      CHECK(ok(storage->get(keys[i])) == std::to_string(i));
    }
    for (std::size_t i = 0; i < keys.size(); i += 2) CHECK(ok(storage->remove(keys[i])));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      CAPTURE(keys[i]);
      CHECK(ok(storage->exists(keys[i])) == (i % 2 == 1));
    }
  }
  SUBCASE("a value of 10 MB") {
    const std::string large = noise(10'000'000);
    REQUIRE(storage->set("large", large));
    CHECK(ok(storage->get("large")) == large);
    CHECK(ok(storage->get_many(std::vector<std::string>{"large", "large"}))[1] == large);
    REQUIRE(storage->set("large", "small"));
    CHECK(ok(storage->get("large")) == "small");
  }
  SUBCASE("a value or key beyond the limit is refused") {
    const HugeString huge;
    CHECK(code_of(storage->set("key", huge.view())) == ErrorCode::invalid_argument);
    CHECK(code_of(storage->set(huge.view(), "value")) == ErrorCode::invalid_argument);
    CHECK_FALSE(ok(storage->exists("key")));
  }
  SUBCASE("remove tells whether the key was there") {
    REQUIRE(storage->set("key", "value"));
    CHECK(ok(storage->remove("key")));
    CHECK_FALSE(ok(storage->remove("key")));
    CHECK(ok(storage->get("key")) == std::nullopt);
  }
  SUBCASE("get_many keeps the order, with repeated and missing keys") {
    REQUIRE(storage->set("a", "1"));
    REQUIRE(storage->set("b", ""));
    using Values = std::vector<std::optional<std::string>>;
    CHECK(ok(storage->get_many({})).empty());
    CHECK(ok(storage->get_many(std::vector<std::string>{"b", "none", "a", "b", ""})) ==
          Values{"", std::nullopt, "1", "", std::nullopt});
  }
  SUBCASE("get_many of thousands of keys") {
    std::vector<std::string> keys;
    Batch batch;
    for (int i = 0; i < 3000; ++i) {
      keys.push_back("k" + std::to_string(i));
      if (i % 3 != 0) batch.set(keys.back(), std::to_string(i));
    }
    REQUIRE(ok(storage->commit(batch)) == Commit::done);
    const auto values = ok(storage->get_many(keys));
    REQUIRE(values.size() == keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      CHECK(values[i].has_value() == (i % 3 != 0));
      if (values[i]) CHECK(*values[i] == std::to_string(i));
    }
  }
  SUBCASE("what one handle writes another reads") {
    const std::unique_ptr<Storage> other = backend.open();
    REQUIRE(storage->set("key", "1"));
    CHECK(ok(other->get("key")) == "1");
    REQUIRE(other->set("key", "2"));
    CHECK(ok(storage->get("key")) == "2");
  }
  SUBCASE("the store is healthy, and says what it is") {
    CHECK(storage->health_check());
    CHECK(storage->durability_warnings());
    // By seconds since 1970, or not at all.
    const auto told = ok(storage->server_time());
    CHECK((!told || *told > TimePoint{std::chrono::hours{24 * 365 * 50}}));
    CHECK_FALSE(storage->description().empty());
  }
}

void check_expiry(const StorageBackend& backend) {
  const std::unique_ptr<Storage> storage = backend.open();
  const auto there = [&](const std::string& key) {
    return [&storage, key] { return ok(storage->exists(key)); };
  };

  SUBCASE("every way to look finds an expired key gone") {
    REQUIRE(storage->set("key", "value", kLife));
    pass_life(backend, there("key"));
    CHECK(ok(storage->get("key")) == std::nullopt);
    CHECK(ok(storage->get_many(std::vector<std::string>{"key"}))[0] == std::nullopt);
    CHECK(ok(scan_all_keys(*storage, "*")).empty());
    CHECK_FALSE(ok(storage->expire("key", kLongLife)));
    CHECK_FALSE(ok(storage->remove("key")));
    CHECK(ok(storage->commit(Batch().expect_absent("key"))) == Commit::done);
    CHECK(ok(storage->commit(Batch().expect("key", "value"))) == Commit::refused);
  }
  SUBCASE("the shortest expiry") {
    REQUIRE(storage->set("key", "value", Millis{1}));
    backend.advance(kWait);
    CHECK_FALSE(ok(storage->exists("key")));
  }
  SUBCASE("the longest expiry") {
    REQUIRE(storage->set("key", "value", std::chrono::floor<Millis>(Micros::max())));
    backend.advance(kWait);
    CHECK(ok(storage->get("key")) == "value");
  }
  SUBCASE("set without expiry ends an earlier one") {
    REQUIRE(storage->set("key", "1", kLongLife));
    REQUIRE(storage->set("key", "2", kLife));
    REQUIRE(storage->set("key", "3"));
    backend.advance(kWait);
    CHECK(ok(storage->get("key")) == "3");
  }
  SUBCASE("set replaces the expiry, either way") {
    REQUIRE(storage->set("longer", "1", kLife));
    REQUIRE(storage->set("longer", "2", kLongLife));
    REQUIRE(storage->set("shorter", "1", kLongLife));
    REQUIRE(storage->set("shorter", "2", kLife));
    pass_life(backend, there("shorter"));
    CHECK(ok(storage->get("longer")) == "2");
  }
  SUBCASE("expire gives a key a life, a longer one, a shorter one") {
    for (const char* key : {"none", "short", "long"}) REQUIRE(storage->set(key, "value"));
    bool prolonged = false;
    const Millis life = use_while_alive(backend, [&](Millis short_life) {
      REQUIRE(storage->set("short", "value", short_life));
      prolonged = ok(storage->expire("short", kLongLife));
    });
    CHECK(prolonged);
    REQUIRE(storage->set("long", "value", kLongLife));
    CHECK(ok(storage->expire("none", kLife)));
    CHECK(ok(storage->expire("long", kLife)));
    pass_life(backend, [&] { return there("none")() && there("long")(); });
    backend.advance(life);
    CHECK_FALSE(ok(storage->exists("none")));
    CHECK_FALSE(ok(storage->exists("long")));
    CHECK(ok(storage->get("short")) == "value");
  }
  SUBCASE("expire of an absent key") {
    CHECK_FALSE(ok(storage->expire("key", kLife)));
    CHECK_FALSE(ok(storage->exists("key")));
  }
  SUBCASE("a key set again after it expired lives for ever") {
    REQUIRE(storage->set("key", "1", kLife));
    backend.advance(kWait);
    REQUIRE(storage->set("key", "2"));
    backend.advance(kWait);
    CHECK(ok(storage->get("key")) == "2");
  }
  SUBCASE("a batch writes keys that expire and keys that do not") {
    REQUIRE(storage->set("plain", "1", kLife));
    REQUIRE(ok(storage->commit(
                Batch().set("short", "1", kLife).set("long", "1", kLongLife).set("plain", "2"))) ==
            Commit::done);
    pass_life(backend, there("short"));
    CHECK(ok(storage->get("long")) == "1");
    CHECK(ok(storage->get("plain")) == "2");
  }
  SUBCASE("many keys expire, the others stay") {
    Batch batch;
    for (int i = 0; i < 500; ++i) {
      const bool stays = i % 5 == 0;
      batch.set("k" + std::to_string(i), "v", stays ? kLongLife : kLife);
    }
    REQUIRE(ok(storage->commit(batch)) == Commit::done);
    backend.advance(kWait);
    for (int i = 0; i < 50; ++i) REQUIRE(storage->set("other", std::to_string(i)));
    CHECK(ok(scan_all_keys(*storage, "k*")).size() == 100);
  }
  SUBCASE("an expiry that is not in the future is refused and changes nothing") {
    REQUIRE(storage->set("key", "1"));
    for (const Millis bad : kBadExpiries) {
      CAPTURE(bad.count());
      constexpr auto refused = ErrorCode::invalid_argument;
      CHECK(code_of(storage->set("key", "2", bad)) == refused);
      CHECK(code_of(storage->expire("key", bad)) == refused);
      CHECK(code_of(storage->increment("key", 1, bad)) == refused);
      CHECK(code_of(storage->increment("absent", 1, bad)) == refused);
      CHECK(code_of(storage->commit(Batch().set("other", "1").set("key", "2", bad))) == refused);
      CHECK(code_of(storage->commit(Batch().set("other", "1").append("log", {}, "1", bad))) ==
            refused);
      CHECK(ok(storage->get("key")) == "1");
      CHECK(ok(scan_all_keys(*storage, "*")) == std::vector<std::string>{"key"});
    }
  }
}

void check_counters(const StorageBackend& backend) {
  const std::unique_ptr<Storage> storage = backend.open();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

  SUBCASE("sums") {
    struct Row {
      std::optional<std::string> before;
      std::int64_t by;
      std::int64_t sum;
    };
    const Row rows[] = {
        {std::nullopt, 1, 1},
        {std::nullopt, 0, 0},
        {std::nullopt, -5, -5},
        {std::nullopt, kMax, kMax},
        {std::nullopt, kMin, kMin},
        {"0", 1, 1},
        {"41", 1, 42},
        {"-1", 1, 0},
        {"10", -11, -1},
        {std::to_string(kMax - 1), 1, kMax},
        {std::to_string(kMin + 1), -1, kMin},
        {std::to_string(kMax), kMin, -1},
        {std::to_string(kMin), kMax, -1},
        {std::to_string(kMin), 0, kMin},
    };
    for (const Row& row : rows) {
      CAPTURE(row.by);
      CAPTURE(row.sum);
      static_cast<void>(ok(storage->remove("n")));
      if (row.before) REQUIRE(storage->set("n", *row.before));
      CHECK(ok(storage->increment("n", row.by)) == row.sum);
      CHECK(ok(storage->get("n")) == std::to_string(row.sum));
    }
  }
  SUBCASE("a value that is not an integer, or a sum that is none, is refused and stays") {
    struct Row {
      std::string before;
      std::int64_t by;
    };
    const Row rows[] = {
        {"", 1},
        {" ", 1},
        {"a", 1},
        {"1a", 1},
        {"1 ", 1},
        {" 1", 1},
        {"+1", 1},
        {"01", 1},
        {"-0", 1},
        {"1.0", 1},
        {"1e3", 1},
        {"0x10", 1},
        {"--1", 1},
        {"-", 1},
        {"1\n", 1},
        {"9223372036854775808", 1},
        {"-9223372036854775809", 1},
        {"99999999999999999999", 1},
        {std::string("1\0", 2), 1},
        {std::to_string(kMax), 1},
        {std::to_string(kMax), kMax},
        {std::to_string(kMin), -1},
        {std::to_string(kMin), kMin},
        {"-1", kMin},
        {"1", kMax},
    };
    for (const Row& row : rows) {
      CAPTURE(row.before);
      CAPTURE(row.by);
      REQUIRE(storage->set("n", row.before));
      CHECK(code_of(storage->increment("n", row.by)) == ErrorCode::invalid_argument);
      CHECK(ok(storage->get("n")) == row.before);
    }
  }
  SUBCASE("a counter made here expires") {
    CHECK(ok(storage->increment("n", 2, kLife)) == 2);
    pass_life(backend, [&] { return ok(storage->exists("n")); });
    CHECK(ok(storage->increment("n", 3)) == 3);
  }
  SUBCASE("a counter that is there keeps its expiry") {
    REQUIRE(storage->set("stays", "1"));
    std::int64_t sum = 0;
    const Millis life = use_while_alive(backend, [&](Millis short_life) {
      REQUIRE(storage->set("ends", "1", short_life));
      sum = ok(storage->increment("ends", 1, kLongLife));
    });
    CHECK(sum == 2);
    CHECK(ok(storage->increment("stays", 1, life)) == 2);
    pass_life(
        backend, [&] { return ok(storage->exists("ends")); }, life);
    CHECK(ok(storage->get("stays")) == "2");
  }
  SUBCASE("32 threads on one handle lose no increment") {
    CHECK(race(32, [&](int) {
            for (int i = 0; i < 30; ++i) {
              if (!storage->increment("n")) return false;
            }
            return true;
          }) == 32);
    CHECK(ok(storage->get("n")) == "960");
  }
  SUBCASE("8 threads on a handle each lose no increment, and each sum comes once") {
    std::vector<std::set<std::int64_t>> sums(8);
    CHECK(race(8, [&](int thread) {
            const std::unique_ptr<Storage> own = backend.open();
            for (int i = 0; i < 30; ++i) {
              const Result<std::int64_t> sum = own->increment("n");
              if (!sum || !sums[static_cast<std::size_t>(thread)].insert(*sum).second) return false;
            }
            return true;
          }) == 8);
    std::set<std::int64_t> all;
    for (const std::set<std::int64_t>& part : sums) all.insert(part.begin(), part.end());
    CHECK(all.size() == 240);
    CHECK(ok(storage->get("n")) == "240");
  }
}

}  // namespace rz::storage
