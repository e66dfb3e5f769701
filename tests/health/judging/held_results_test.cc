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
