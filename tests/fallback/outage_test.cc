// What scripts/outage_drill does a hundred times, a few times: real servers that die under a
// stream of cascades. Every transition that was acknowledged is in the log, once and in order.
#include <doctest/doctest.h>

#include "support/outages.h"

namespace rz::fallback {
namespace {

void check(const test::DrillFigures& figures) {
  INFO(test::to_string(figures));
  CHECK(figures.good());
  CHECK(figures.found >= figures.acknowledged - figures.unconfirmed);
}

TEST_CASE("a Redis is killed and started again under a stream of cascades") {
  check(test::drill_restarts(5));
}

TEST_CASE("the master behind a sentinel is killed under a stream of cascades") {
  check(test::drill_sentinel(2));
}

TEST_CASE("a master of a cluster is killed under a stream of cascades") {
  check(test::drill_cluster(2));
}

TEST_CASE("processes that write to one SQLite file are killed at any moment") {
  check(test::drill_sqlite(20));
}

}  // namespace
}  // namespace rz::fallback
