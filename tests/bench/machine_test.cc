#include "rz/bench/machine.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temp_folder.h"

namespace rz::bench {
namespace {

/// What the kernel of another machine would tell.
class MachineFixture {
 public:
  MachineFiles files() const { return {folder_.path() + "/proc", folder_.path() + "/sys"}; }
  void put(const std::string& path, const std::string& text) const {
    const std::filesystem::path whole = folder_.path() + path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << text;
  }

 private:
  TempFolder folder_;
};

std::string text_at(const Value& object, const char* key) {
  const Value* value = object.find(key);
  return value != nullptr && value->as_string() != nullptr ? *value->as_string() : "";
}

TEST_CASE("the fingerprint names what figures depend on, and is the same twice") {
  const Value machine = machine_fingerprint();
  for (const char* key : {"cpu", "kernel", "compiler", "build", "rz_version"}) {
    INFO(std::string(key));
    CHECK_FALSE(text_at(machine, key).empty());
  }
  const Value* cores = machine.find("cores");
  REQUIRE(cores);
  REQUIRE(cores->as_int());
  CHECK(*cores->as_int() >= 1);
  CHECK(machine_fingerprint() == machine);
}

TEST_CASE("processor and governor are read from the kernel's files") {
  const MachineFixture fixture;
  fixture.put("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Abacus 3000\n");
  fixture.put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  const Value machine = machine_fingerprint(fixture.files());
  CHECK(text_at(machine, "cpu") == "Abacus 3000");
  CHECK(text_at(machine, "governor") == "powersave");
  CHECK(text_at(machine_fingerprint(MachineFixture().files()), "cpu") == "unknown");
}

TEST_CASE("machines that cannot be compared are told from those that differ in little") {
  const Value before = Value::object(
      {{"cpu", "A"}, {"cores", 2}, {"kernel", "1"}, {"rz_version", "0.1"}, {"build", "optimized"}});
  Value now = before;
  CHECK(machine_differences(before, now).empty());
  now.set("rz_version", "0.2");
  now.set("compiler", "only here");
  CHECK(machine_differences(before, now).empty());
  now.set("kernel", "2");
  auto differences = machine_differences(before, now);
  REQUIRE(differences.size() == 1);
  CHECK(differences[0].what == "kernel");
  CHECK_FALSE(differences[0].incomparable);
  now.set("cores", 4);
  differences = machine_differences(before, now);
  REQUIRE(differences.size() == 2);
  CHECK(differences[0].what == "cores");
  CHECK(differences[0].before == "2");
  CHECK(differences[0].now == "4");
  CHECK(differences[0].incomparable);
}

TEST_CASE("load, and what the processors did meanwhile, are those of the time that was watched") {
  const MachineFixture fixture;
  fixture.put("/proc/loadavg", "3.25 2.00 1.00 4/567 1234\n");
  fixture.put("/proc/stat", "cpu  100 0 100 700 50 0 0 50 7 0\ncpu0 1 2 3\n");
  const MachineWatch watch(fixture.files());
  fixture.put("/proc/stat", "cpu  130 0 110 740 60 0 0 60 7 0\ncpu0 1 2 3\n");
  const Value conditions = watch.conditions();
  CHECK(*conditions.find("load")->as_double() == 3.25);
  // Of 100 ticks 50 were idle or waiting, and 10 stolen.
  CHECK(*conditions.find("busy_percent")->as_double() == doctest::Approx(50));
  CHECK(*conditions.find("steal_percent")->as_double() == doctest::Approx(10));
  CHECK(MachineWatch(MachineFixture().files()).conditions() == Value::object());
}

TEST_CASE("what makes figures unsteady is told, and nothing of a quiet machine") {
  const MachineFixture fixture;
  Value machine = Value::object({{"cores", 2}});
  Value conditions = Value::object({{"load", 0.9}, {"steal_percent", 0.5}});
  CHECK(unsteady_because(machine, conditions, fixture.files()).empty());
  machine.set("governor", "performance");
  CHECK(unsteady_because(machine, conditions, fixture.files()).empty());
  machine.set("governor", "powersave");
  conditions.set("load", 1.5);
  conditions.set("steal_percent", 12.0);
  fixture.put("/sys/devices/system/cpu/cpufreq/boost", "1\n");
  const std::vector<std::string> expected = {
      "the governor 'powersave' changes the processor's frequency "
      "(cpupower frequency-set -g performance)",
      "turbo frequencies depend on what else the processor does",
      "other programs were running: the load was 1.5 on 2 processors",
      "the hypervisor gave 12 % of the processor time to others"};
  CHECK(unsteady_because(machine, conditions, fixture.files()) == expected);
}

}  // namespace
}  // namespace rz::bench
