#include "rz/server/snapshot.h"

#include <doctest/doctest.h>

#include "sample.h"

namespace rz::server {

TEST_CASE("results are as old as the clock says that tells more") {
  ManualClock clock;
  const auto snapshot = make_snapshot(sample_report({{"a"}}), clock.now(), clock.monotonic());
  clock.advance(std::chrono::seconds{5});
  CHECK(age_of(*snapshot, clock) == std::chrono::seconds{5});
  // The machine was suspended, or somebody has set the clock: nobody knows which.
  clock.set_now(clock.now() + std::chrono::hours{8});
  CHECK(age_of(*snapshot, clock) == std::chrono::hours{8} + std::chrono::seconds{5});
  clock.set_now(clock.now() - std::chrono::hours{9});
  CHECK(age_of(*snapshot, clock) == std::chrono::seconds{5});
}

TEST_CASE("what tells more than who is how healthy is withheld, and nothing else") {
  auto report = sample_report({{"db", HealthStatus::unhealthy, "refused", {"store"}}, {"api"}});
  report.host = "host.internal";
  report.unchecked.emplace();
  report.unchecked->components.push_back({});
  report.unchecked->components[0].name = "worker";
  report.unchecked->components[0].status = "failed";
  report.unchecked->components[0].message = "queue.internal is full";
  const auto snapshot = make_snapshot(report, {}, {});
  for (const auto& body : snapshot->withheld.by_format) {
    CAPTURE(*body);
    CHECK(body->find("internal") == std::string::npos);
    CHECK(body->find("refused") == std::string::npos);
    CHECK(body->find("db") != std::string::npos);
    CHECK(body->find("worker") != std::string::npos);
  }
  CHECK(snapshot->full.by_format[0]->find("queue.internal is full") != std::string::npos);
  CHECK(snapshot->status == HealthStatus::unhealthy);
  CHECK(snapshot->lines.size() == 3);
  CHECK(snapshot->lines[0].tags == std::vector<std::string>{"store"});
  CHECK(snapshot->lines[2].name == "worker");
  CHECK(snapshot->lines[2].tags.empty());
}

}  // namespace rz::server
