#include "rz/fallback/scoped_storage.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "fallback/fleet.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/poll.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

struct ScopedStorageFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage store{clock};
  ScopedStorage payments{store, "payments"};
  ScopedStorage search{store, "search"};
  ScopedStorage whole{store, ""};
};

TEST_CASE_FIXTURE(ScopedStorageFixture, "each scope has a mode, votes and a history of its own") {
  Fleet in_payments(payments, clock);
  Fleet in_search(search, clock);
  Fleet in_whole(whole, clock);
  CHECK(in_payments.cascade("a", failed(2)) == Mode::safe);
  CHECK(in_search.cascade("a", circuit_open(1)) == Mode::heuristic);
  CHECK(in_whole.cascade("a", kHealthy) == Mode::primary);
  CHECK(in_payments.votes() == "a:safe");
  CHECK(in_search.votes() == "a:heuristic");
  CHECK(in_whole.votes() == "");
  CHECK(in_payments.log().size() == 1);
  CHECK(in_whole.log().empty());
  CHECK(ok(payments.count_log(kTransitionLog)) ==
        ok(store.count_log("fallback:scope:payments:transition")));
  CHECK(payments.description() == store.description() + ", scope payments");
  CHECK(whole.description() == store.description());
  ok(in_whole.host("a").set_mode("safe"));
  CHECK(in_payments.cascade("a", kHealthy) == Mode::primary);
  CHECK(ok(in_whole.host("a").status()).after.mode == Mode::safe);
  for (const std::string& key : ok(scan_all_keys(store, "*"))) {
    CHECK((key.starts_with("fallback:scope:payments:") ||
           key.starts_with("fallback:scope:search:") || key.starts_with("fallback:state") ||
           key.starts_with("fallback:transition:") || key.starts_with("fallback:votes")));
  }
}

TEST_CASE_FIXTURE(ScopedStorageFixture, "without a name everything is where it always was") {
  Fleet(whole, clock).cascade("a", failed(2));
  CHECK(ok(store.exists("fallback:state")));
  CHECK(ok(store.exists(log_key(kTransitionLog, at(0)))));
  CHECK(ok(scan_all_keys(store, "fallback:scope:*")).empty());
}

TEST_CASE_FIXTURE(ScopedStorageFixture,
                  "keys come back under the names that they were asked for by") {
  ok(payments.set("fallback:x", "1"));
  ok(payments.set("health:y", "2"));
  CHECK(ok(store.get("fallback:scope:payments:x")) == "1");
  CHECK(ok(store.get("health:y")) == "2");
  CHECK(ok(scan_all_keys(payments, "fallback:*")) == std::vector<std::string>{"fallback:x"});
  CHECK(ok(scan_all_keys(search, "fallback:*")).empty());
  CHECK(ok(payments.get_many(std::vector<std::string>{"fallback:x", "health:y"})) ==
        std::vector<std::optional<std::string>>{"1", "2"});
  CHECK(ok(payments.increment("fallback:n")) == 1);
  CHECK(ok(payments.expire("fallback:n", Millis{1000})));
  CHECK(ok(payments.exists("fallback:n")));
  CHECK_FALSE(ok(search.exists("fallback:n")));
  CHECK(ok(payments.remove("fallback:n")));
  const ReadSet named =
      payments.renamed(ReadSet{{"fallback:state", "health:a"}, {"fallback:vote:"}, {}});
  CHECK(named.keys == std::vector<std::string>{"fallback:scope:payments:state", "health:a"});
  CHECK(named.collections == std::vector<std::string>{"fallback:scope:payments:vote:"});
}

TEST_CASE("a scope has a plain name") {
  for (const char* right : {"payments", "a", "eu-west_1.db"}) CHECK(check_scope(right).has_value());
  for (const std::string& wrong :
       {std::string(), std::string("a b"), std::string("a:b"), std::string("*"), std::string("ä"),
        std::string("a\nb"), std::string(kMaxScope + 1, 'x')}) {
    CAPTURE(wrong);
    CHECK(code_of(check_scope(wrong)) == ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace rz::fallback
