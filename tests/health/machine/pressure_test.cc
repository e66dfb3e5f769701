#include "rz/health/machine/pressure.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "rz/base/file.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

struct PressureFixture {
  TempFolder root;

  Result<Pressure> read(const std::string& text) {
    std::filesystem::create_directories(root / "proc/pressure");
    REQUIRE(write_file(root / "proc/pressure/io", text).has_value());
    return measure_pressure("io", root.path());
  }
};

TEST_CASE_FIXTURE(PressureFixture, "the pressure is read as the kernel writes it") {
  const Pressure pressure =
      ok(read("some avg10=93.76 avg60=79.95 avg300=45.78 total=222891878\n"
              "full avg10=3.00 avg60=2.00 avg300=1.00 total=4\n"));
  CHECK(pressure.some[PressureWindow::ten_seconds] == 93.76);
  CHECK(pressure.some[PressureWindow::minute] == 79.95);
  CHECK(pressure.some[PressureWindow::five_minutes] == 45.78);
  REQUIRE(pressure.full);
  CHECK((*pressure.full)[PressureWindow::five_minutes] == 1);
  // Kernels before 5.13 have one line for the CPUs.
  CHECK_FALSE(ok(read("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n")).full);
}

TEST_CASE_FIXTURE(PressureFixture, "a kernel without it is told as such, with what it needs") {
  const auto none = measure_pressure("io", root.path());
  REQUIRE(!none);
  CHECK(none.error().code == ErrorCode::unavailable);
  CHECK(none.error().own_side);
  CHECK(none.error().where == root / "proc/pressure/io");
  CHECK(none.error().message ==
        "the kernel does not tell its pressure (cannot read: No such file or directory); it must "
        "be built "
        "with CONFIG_PSI, and may have to be started with psi=1");
}

TEST_CASE_FIXTURE(PressureFixture, "what no kernel writes is not taken for a pressure") {
  for (const char* text :
       {"", "some\n", "some avg10=1 avg60=2\n", "some avg60=1 avg10=2 avg300=3 total=0\n",
        "some avg10=x avg60=2 avg300=3 total=0\n", "some avg10=1 avg60=-2 avg300=3 total=0\n",
        "full avg10=1 avg60=2 avg300=3 total=0\n",
        "some avg10=1 avg60=2 avg300=3 total=0\nfull avg10=x avg60=2 avg300=3 total=0\n"}) {
    CAPTURE(text);
    CHECK(message_of(read(text)).ends_with("is not what a kernel writes there"));
  }
}

}  // namespace
}  // namespace rz::health
