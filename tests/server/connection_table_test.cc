#include "rz/server/connection_table.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace rz::server {
namespace {

using Phase = ConnectionTable::Phase;
using std::chrono::milliseconds;

struct Table {
  HttpLimits limits{.connections = 4,
                    .connections_per_client = 3,
                    .request_timeout = Millis{100},
                    .idle_timeout = Millis{300}};
  ConnectionTable table{limits};
  ConnectionTable::Time start{std::chrono::hours{1}};

  ConnectionTable::Time at(int ms) const { return start + milliseconds{ms}; }
};

}  // namespace

TEST_CASE("for a connection too many of one client its oldest without a whole request goes") {
  Table t;
  CHECK_FALSE(t.table.add(1, "a", t.at(0)));
  CHECK_FALSE(t.table.add(2, "a", t.at(1)));
  CHECK_FALSE(t.table.add(3, "a", t.at(2)));
  t.table.enter(1, Phase::receiving, t.at(3));
  t.table.enter(1, Phase::answering, t.at(4));
  CHECK(t.table.add(4, "a", t.at(5)) == 2);
  CHECK(t.table.size() == 3);
  CHECK_FALSE(t.table.add(5, "b", t.at(6)));
  t.table.remove(2);
  CHECK(t.table.size() == 4);
}

TEST_CASE("for one too many of all the oldest of all goes, whoever's it is") {
  Table t;
  for (int fd = 1; fd <= 4; ++fd) {
    CHECK_FALSE(t.table.add(fd, std::to_string(fd), t.at(fd)));
  }
  CHECK(t.table.add(5, "5", t.at(9)) == 1);
  CHECK(t.table.add(6, "6", t.at(10)) == 2);
}

TEST_CASE("who does not read its answer goes before who is being answered") {
  Table t;
  for (int fd = 1; fd <= 4; ++fd) {
    t.table.add(fd, "", t.at(fd));
    t.table.enter(fd, Phase::receiving, t.at(10));
    t.table.enter(fd, Phase::answering, t.at(11));
  }
  t.table.enter(3, Phase::sending, t.at(12));
  CHECK(t.table.add(5, "", t.at(20)) == 5);  // The newest: it has no whole request.
  t.table.remove(5);
  t.table.enter(3, Phase::answering, t.at(21));
  t.table.add(6, "", t.at(22));
  CHECK(t.table.size() == 4);
}

TEST_CASE("a request has one time to arrive, however often a byte of it comes") {
  Table t;
  t.table.add(1, "a", t.at(0));
  t.table.enter(1, Phase::receiving, t.at(99));
  CHECK(t.table.overdue(t.at(99)).empty());
  CHECK(t.table.overdue(t.at(100)) == std::vector<int>{1});
  CHECK(t.table.overdue(t.at(200)).empty());  // Each is told once.
  CHECK(t.table.size() == 0);
  CHECK_FALSE(t.table.empty());
}

TEST_CASE("what is being answered is never overdue, and what is sent has its own time") {
  Table t;
  t.table.add(1, "a", t.at(0));
  t.table.enter(1, Phase::receiving, t.at(10));
  t.table.enter(1, Phase::answering, t.at(20));
  CHECK(t.table.overdue(t.at(10'000)).empty());
  t.table.enter(1, Phase::sending, t.at(10'000));
  CHECK(t.table.overdue(t.at(10'099)).empty());
  CHECK(t.table.overdue(t.at(10'100)) == std::vector<int>{1});
}

TEST_CASE("between two requests there is the idle time, and the next has its own") {
  Table t;
  t.table.add(1, "a", t.at(0));
  t.table.enter(1, Phase::idle, t.at(50));
  CHECK(t.table.overdue(t.at(349)).empty());
  CHECK(t.table.busy() == 0);
  t.table.enter(1, Phase::receiving, t.at(340));
  CHECK(t.table.busy() == 1);
  CHECK(t.table.overdue(t.at(439)).empty());
  CHECK(t.table.overdue(t.at(440)) == std::vector<int>{1});
}

TEST_CASE("who has not read its last answer has a moment for that, and is the first to be closed") {
  Table t;
  t.table.add(1, "a", t.at(0));
  t.table.enter(1, Phase::lingering, t.at(500));
  CHECK(t.table.busy() == 1);
  CHECK(t.table.overdue(t.at(599)).empty());
  CHECK(t.table.overdue(t.at(600)) == std::vector<int>{1});
}

TEST_CASE("new limits hold for those that are there") {
  Table t;
  t.table.add(1, "a", t.at(0));
  t.table.set_limits({.connections = 4, .connections_per_client = 3, .request_timeout = Millis{7}});
  CHECK(t.table.overdue(t.at(7)) == std::vector<int>{1});
}

}  // namespace rz::server
