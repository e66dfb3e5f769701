#include "rz/storage/storage_rules.h"

#include <doctest/doctest.h>

#include <limits>

#include "storage/storage_contract.h"
#include "support/results.h"

namespace rz::storage {
namespace {

TEST_CASE("an expiry is in the future, and not beyond all time") {
  CHECK(check_expire("k", std::nullopt));
  CHECK(check_expire("k", Millis{1}));
  CHECK(check_expire("k", std::chrono::floor<Millis>(Micros::max())));
  CHECK(message_of(check_expire("k", Millis{0})) ==
        "key 'k': an expiry of 0 ms is not in the future; give at least 1 ms");
  CHECK(message_of(check_expire("k", Millis{9'300'000'000'000'000})) ==
        "key 'k': an expiry of 9300000000000000 ms is beyond 290,000 years; leave it out to keep "
        "the key for ever");
}

TEST_CASE("a message shows the beginning of a long key") {
  const std::string message = message_of(check_expire(std::string(5'000, 'k'), Millis{-1}));
  CHECK(message.starts_with("key 'kkkk"));
  CHECK(message.size() < 400);
}

TEST_CASE("a batch is refused whole, with the key that is wrong") {
  const TimePoint time{Micros{1'500'000}};
  CHECK(check_batch({}));
  CHECK(check_batch(Batch().append("a", time, "1").append("b", time, "1")));
  CHECK(message_of(check_batch(Batch().set("a", "1").set("b", "1", Millis{-5}))) ==
        "key 'b': an expiry of -5 ms is not in the future; give at least 1 ms");
  CHECK(message_of(check_batch(Batch().append("a", time, "1").append("a", time, "2"))) ==
        "key 'a:1.500000': a batch appends two records at the same time to one log");
}

TEST_CASE("a sum is of integers, and fits") {
  CHECK(ok(add_decimal("n", "41", 1)) == 42);
  CHECK(ok(add_decimal("n", "-9223372036854775808", 0)) ==
        std::numeric_limits<std::int64_t>::min());
  CHECK(message_of(add_decimal("n", "007", 1)) ==
        "key 'n': holds no 64-bit integer; remove it or count under another key");
  CHECK(message_of(add_decimal("n", "9223372036854775807", 1)) ==
        "key 'n': 9223372036854775807 plus 1 does not fit into 64 bits");
}

}  // namespace
}  // namespace rz::storage
