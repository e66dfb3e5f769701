#include "rz/bench/http/rate_search.h"

#include <doctest/doctest.h>

#include <vector>

namespace rz::bench {
namespace {

/// Runs a search on a server that meets the goal up to `limit`, and returns the rates that were
/// run.
std::vector<double> search(RateSearch& search, double limit) {
  std::vector<double> rates;
  while (const auto rate = search.next()) {
    REQUIRE(rates.size() < 100);
    rates.push_back(*rate);
    search.report(*rate <= limit);
  }
  return rates;
}

TEST_CASE("the highest good rate is found, to 5 %, in some twenty runs") {
  for (const double limit : {100.0, 101.0, 137.0, 999.0, 5'000.0, 77'777.0}) {
    RateSearch found(100, 100'000);
    const auto rates = search(found, limit);
    CAPTURE(limit);
    CHECK(found.is_bounded());
    CHECK(found.best() <= limit);
    CHECK(found.best() * 1.05 >= limit);
    CHECK(rates.size() <= 25);
  }
}

TEST_CASE("a limit below the first rate is found, too") {
  RateSearch found(1'000, 100'000);
  search(found, 40);
  CHECK(found.best() <= 40);
  CHECK(found.best() * 1.05 >= 40);
}

TEST_CASE("where everything is good, the highest rate that may be tried is the answer") {
  RateSearch found(100, 1'000);
  const auto rates = search(found, 1e9);
  CHECK(rates == std::vector<double>{100, 200, 400, 800, 1'000});
  CHECK(found.best() == 1'000);
  CHECK_FALSE(found.is_bounded());
}

TEST_CASE("where nothing is good, there is no answer, and an end") {
  RateSearch found(100, 1'000);
  CHECK(search(found, 0).size() <= 30);
  CHECK(found.best() == 0);
  CHECK(found.is_bounded());
}

TEST_CASE("one run that was disturbed does not count, two do") {
  RateSearch found(100, 1'000);
  found.report(false);
  CHECK(found.next() == 100);
  found.report(true);
  CHECK(found.best() == 100);
  CHECK(found.next() == 200);
  found.report(false);
  found.report(false);
  CHECK(found.is_bounded());
  CHECK(*found.next() < 200);
}

TEST_CASE("a sender that cannot keep up, four times in a row, ends the search with what there is") {
  RateSearch found(100, 1'000);
  found.report(true);
  for (int i = 0; i < 3; ++i) found.report_late_sender();
  CHECK(found.next() == 200);
  // It was the machine that was disturbed.
  found.report(true);
  for (int i = 0; i < 3; ++i) found.report_late_sender();
  CHECK(found.next() == 400);
  found.report_late_sender();
  CHECK_FALSE(found.next());
  CHECK(found.best() == 200);
  CHECK_FALSE(found.is_bounded());
}

}  // namespace
}  // namespace rz::bench
