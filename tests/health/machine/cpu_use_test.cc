#include "rz/health/machine/cpu_use.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "rz/base/file.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

void write_below(const TempFolder& root, const std::string& path, const std::string& content) {
  const std::string whole = root / path;
  REQUIRE(make_folders(whole.substr(0, whole.rfind('/'))));
  REQUIRE(write_file(whole, content));
}

TEST_CASE("the use of the CPUs is the part of the time in which they were busy") {
  const CpuSample before{"machine", 100, 1'000, 4};
  CHECK(cpu_use(before, {"machine", 110, 1'010, 4}).value_or(-1) == 25);
  CHECK(cpu_use(before, {"machine", 110, 1'000, 4}).value_or(-1) == 0);
  // The counters are not read at one instant.
  CHECK(cpu_use(before, {"machine", 110, 1'041, 4}).value_or(-1) == 100);
  CHECK_FALSE(cpu_use(before, {"machine", 90, 1'010, 4}));
  CHECK_FALSE(cpu_use(before, {"machine", 110, 990, 4}));
  CHECK_FALSE(cpu_use(before, {"/sys/fs/cgroup/a", 110, 1'010, 4}));
}

TEST_CASE("the time of the CPUs is that of the machine, or of the group with a quota") {
  const TempFolder root;
  CHECK_FALSE(sample_cpu(root.path()));
  write_below(root, "proc/stat",
              "cpu  100 200 300 9000 800 10 20 30 50 60\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5\n");
  auto sample = sample_cpu(root.path());
  REQUIRE(sample);
  CHECK(sample->source == "machine");
  CHECK(sample->cpus == 2);
  CHECK(sample->busy_seconds == doctest::Approx(660.0 / static_cast<double>(sysconf(_SC_CLK_TCK))));

  write_below(root, "proc/self/cgroup", "0::/a\n");
  write_below(root, "proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  write_below(root, "sys/fs/cgroup/a/cpu.max", "50000 100000\n");
  write_below(root, "sys/fs/cgroup/a/cpu.stat", "usage_usec 2500000\nuser_usec 1\n");
  sample = sample_cpu(root.path());
  REQUIRE(sample);
  CHECK(sample->source == (root / "sys/fs/cgroup/a"));
  CHECK(sample->cpus == 0.5);
  CHECK(sample->busy_seconds == 2.5);
}

TEST_CASE("a meter measures since a minute or two ago, over the ends of processes") {
  const TempFolder folder;
  CpuSample now{"machine", 1'000, 50, 1};
  const auto meter = [&] {
    return CpuMeter(folder / "cpu", [&]() -> std::optional<CpuSample> { return now; });
  };
  const auto run = [&](double seconds, double busy) {
    now.at_seconds += seconds;
    now.busy_seconds += busy;
    return meter().measure();
  };
  CHECK_FALSE(run(0, 0));      // Nothing is known yet.
  CHECK_FALSE(run(0.5, 0.5));  // A moment tells nothing.
  CHECK(run(9.5, 4.5).value_or(-1) == 50);
  CHECK(run(50, 10).value_or(-1) == 25);  // 15 of 60 seconds; and a second sample is kept.
  CHECK(run(40, 40).value_or(-1) == doctest::Approx(55));  // 55 of 100, since the first.
  CHECK(run(20, 20).value_or(-1) == 100);                  // The second is now the first: 60 of 60.
  CHECK(run(10, 0).value_or(-1) == doctest::Approx(60.0 * 100 / 70));
  // So long ago that it would hide what is now.
  CHECK_FALSE(run(700, 700));
  CHECK(run(10, 5).value_or(-1) == 50);
  // Another start of the machine.
  now.at_seconds = 5;
  now.busy_seconds = 1;
  CHECK_FALSE(run(1, 0));
  REQUIRE(write_file(folder / "cpu", "[{\"at_seconds\":"));
  CHECK_FALSE(run(1, 0));
  CHECK(run(2, 1).value_or(-1) == 50);
}

TEST_CASE("a process that lives on measures without a file") {
  CpuSample now{"machine", 1'000, 50, 2};
  CpuMeter meter("", [&]() -> std::optional<CpuSample> { return now; });
  CHECK_FALSE(meter.measure());
  now.at_seconds += 10;
  now.busy_seconds += 10;
  CHECK(meter.measure().value_or(-1) == 50);
}

}  // namespace
}  // namespace rz::health
