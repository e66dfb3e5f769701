#include "rz/health/judging/held_results.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "health/fake_check.h"
#include "rz/health/health_monitor.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/storage_wrapper.h"
#include "support/results.h"

namespace rz::health {
namespace {

struct HeldResultsFixture {
  ManualClock clock;
  storage::MemoryStorage storage{clock};
  CheckOptions options;

  HeldResultsFixture() { options.fail_after = 2; }

  CheckReport report(HealthStatus status, const std::string& message = "said so") {
    CheckReport report;
    report.checks = {registered("web", status, options), registered("plain", status)};
    for (const char* name : {"web", "plain"}) {
      CheckResult result = found(status, message);
      result.name = name;
      report.results.push_back(result);
    }
    return report;
  }

  CheckReport held(HealthStatus status, const std::string& host = "a") {
    CheckReport report = this->report(status);
    REQUIRE(hold_results(report, storage, host).has_value());
    return report;
  }
};

TEST_CASE_FIXTURE(HeldResultsFixture, "what is held back says what was found") {
  held(HealthStatus::healthy);
  const CheckReport report = held(HealthStatus::unhealthy);
  CHECK(report.results[0].status == HealthStatus::healthy);
  CHECK(report.results[0].message == "unhealthy 1 of 2: still healthy (said so)");
  CHECK(*report.results[0].metadata.find("held_from")->as_string() == "unhealthy");
  // One without these options is left alone, and nothing of it is stored.
  CHECK(report.results[1].status == HealthStatus::unhealthy);
  CHECK(report.results[1].message == "said so");
  CHECK(ok(storage.read_collection("health:history:a:")).size() == 1);
  const CheckReport second = held(HealthStatus::unhealthy);
  CHECK(second.results[0].status == HealthStatus::unhealthy);
  CHECK(second.results[0].message == "said so");
}

TEST_CASE_FIXTURE(HeldResultsFixture, "each host has its own history") {
  held(HealthStatus::healthy, "a");
  CHECK(held(HealthStatus::unhealthy, "b").results[0].status == HealthStatus::unhealthy);
  CHECK(held(HealthStatus::unhealthy, "a").results[0].status == HealthStatus::healthy);
}

TEST_CASE_FIXTURE(HeldResultsFixture, "an unknown result is stored nowhere") {
  CHECK(held(HealthStatus::unknown).results[0].status == HealthStatus::unknown);
  CHECK(ok(storage.read_collection("health:history:a:")).empty());
}

TEST_CASE_FIXTURE(HeldResultsFixture, "a history of a host that is gone is forgotten") {
  held(HealthStatus::healthy);
  clock.advance(kHistoryLife);
  CHECK(held(HealthStatus::unhealthy).results[0].status == HealthStatus::unhealthy);
}

TEST_CASE_FIXTURE(HeldResultsFixture, "a damaged history begins anew") {
  for (const char* bytes : {"", "{", "[]", R"({"recent":"zz","reported":"healthy"})"}) {
    CAPTURE(bytes);
    REQUIRE(storage.set("health:history:a:web", bytes).has_value());
    CHECK(held(HealthStatus::unhealthy).results[0].status == HealthStatus::unhealthy);
  }
}

TEST_CASE_FIXTURE(HeldResultsFixture, "another run that wrote first is counted") {
  held(HealthStatus::healthy);
  CheckReport report = this->report(HealthStatus::unhealthy);
  // Between reading and writing, another run of this host finds the same.
  struct Overtaken final : storage::StorageWrapper {
    Overtaken(Storage& target, HeldResultsFixture& of) : StorageWrapper(target), fixture(of) {}
    Result<Commit> commit(const Batch& batch) override {
      if (!overtaken) {
        overtaken = true;
        fixture.held(HealthStatus::unhealthy);
      }
      return StorageWrapper::commit(batch);
    }
    HeldResultsFixture& fixture;
    bool overtaken = false;
  } overtaken(storage, *this);
  REQUIRE(hold_results(report, overtaken, "a").has_value());
  CHECK(report.results[0].status == HealthStatus::unhealthy);
}

TEST_CASE_FIXTURE(HeldResultsFixture, "what grows is counted from run to run, for each host") {
  const auto run = [this](std::int64_t total, const std::string& host,
                          HealthStatus status = HealthStatus::healthy) {
    clock.advance(std::chrono::minutes{1});
    CheckReport report = this->report(status);
    // One that keeps a history, too, and one that does not.
    for (CheckResult& result : report.results) {
      result.timestamp = clock.now();
      result.growing = GrowingCount{
          .name = "evicted_keys", .before = "it has evicted", .after = "keys", .total = total};
      result.growing->warning = 1;
    }
    REQUIRE(any_keeps_history(report));
    REQUIRE(hold_results(report, storage, host).has_value());
    return report;
  };
  CHECK(run(5, "a").results[1].status == HealthStatus::unknown);
  CHECK(run(5, "a").results[1].status == HealthStatus::healthy);
  CHECK(run(5, "b").results[1].status == HealthStatus::unknown);
  const CheckReport more = run(6, "a");
  CHECK(more.results[1].status == HealthStatus::degraded);
  CHECK(more.results[1].message ==
        "it has evicted 1 keys since its last run here, 2m ago (warning from 1)");
  // It is bad for the first time of two.
  CHECK(more.results[0].status == HealthStatus::healthy);
  CHECK(more.results[0].message.starts_with("degraded 1 of 2: still healthy (it has evicted 1"));
  CHECK(run(7, "a").results[0].status == HealthStatus::degraded);
  CHECK(run(7, "a").results[1].status == HealthStatus::healthy);
  CHECK(ok(storage.read_collection("health:history:a:")).size() == 2);
}

TEST_CASE_FIXTURE(HeldResultsFixture, "a monitor without a store does not know what has grown") {
  HealthMonitor monitor({}, clock);
  monitor.register_check(registered("cache", [] {
                           CheckResult result = found(HealthStatus::healthy);
                           result.growing = GrowingCount{.name = "evicted_keys", .total = 1};
                           return result;
                         }).check);
  CHECK(ok(monitor.run_checks()).results[0].status == HealthStatus::unknown);
}

TEST_CASE_FIXTURE(HeldResultsFixture, "without the store every result stays as it was found") {
  held(HealthStatus::healthy);
  storage::FaultyStorage faulty(storage, clock);
  faulty.inject(storage::Fault::failure());
  CheckReport report = this->report(HealthStatus::unhealthy);
  CHECK(code_of(hold_results(report, faulty, "a")) == ErrorCode::unavailable);
  CHECK(report.results[0].status == HealthStatus::unhealthy);
  CHECK(report.results[0].message == "said so");
}

TEST_CASE_FIXTURE(HeldResultsFixture, "a monitor lets a run be changed before anybody sees it") {
  HealthMonitor monitor({}, clock);
  monitor.register_check(registered("web", HealthStatus::unhealthy).check);
  monitor.set_after_run(
      [](CheckReport& report) { report.results[0].status = HealthStatus::degraded; });
  CHECK(ok(monitor.run_checks()).results[0].status == HealthStatus::degraded);
}

}  // namespace
}  // namespace rz::health
