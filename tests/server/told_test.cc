#include "rz/server/told.h"

#include <doctest/doctest.h>

#include <vector>

namespace rz::server {
namespace {

using Said = std::vector<std::string>;

struct TellingRounds {
  Said said;
  ToldOnce told{[this](const Notice& notice) { said.push_back(notice.what); }};

  Said round(const Said& sentences) {
    said.clear();
    for (const std::string& each : sentences) told.warn(each);
    told.end_round();
    return said;
  }
};

}  // namespace

TEST_CASE("what stays is said when it begins and when it has ended, and again when it is back") {
  TellingRounds rounds;
  CHECK(rounds.round({"a", "a", "b"}) == Said{"a", "b"});
  CHECK(rounds.round({"a", "c"}) == Said{"c"});
  for (int i = 0; i < 100; ++i) CHECK(rounds.round({"a"}).empty());
  for (int i = 1; i < ToldOnce::kQuietRounds; ++i) CHECK(rounds.round({}).empty());
  CHECK(rounds.round({}) == Said{"no longer, after 102 refreshes: a"});
  CHECK(rounds.round({"a"}) == Said{"a"});
}

TEST_CASE("two troubles in turn are two lines, not one a round") {
  TellingRounds rounds;
  CHECK(rounds.round({"no answer in time"}).size() == 1);
  CHECK(rounds.round({"an earlier call has not returned"}).size() == 1);
  for (int i = 0; i < 100; ++i) {
    CHECK(rounds.round({i % 2 == 0 ? "no answer in time" : "an earlier call has not returned"})
              .empty());
  }
}

TEST_CASE("what differs in a duration alone is the same, and in a name is not") {
  TellingRounds rounds;
  CHECK(rounds.round({"no answer for 3s (x)"}).size() == 1);
  CHECK(rounds.round({"no answer for 1m 3.5s (x)"}).empty());
  CHECK(rounds.round({"no answer for 250ms (y)"}).size() == 1);
  CHECK(rounds
            .round({"disk1 is full", "disk2 is full", "5 hosts", "6 hosts", "n3s", "n4s", "3sx",
                    "4sx"})
            .size() == 8);
}

}  // namespace rz::server
