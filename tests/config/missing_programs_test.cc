#include "rz/config/missing_programs.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "reading.h"

namespace rz::config {
namespace {

std::vector<std::string> missing_programs(const Config& config,
                                          const EnvironmentLookup& environment) {
  Notices notices;
  warn_of_missing_programs(config, environment, notices);
  return notices.warnings();
}

using testing::environment_of;
using testing::Files;
using testing::good;

TEST_CASE("programs that this user can run are none of them, on PATH or by their path") {
  Files files;
  const std::string program = files.write("bin/pager", "#!/bin/sh\n");
  REQUIRE(::chmod(program.c_str(), 0755) == 0);
  const Config config = good(
      "fallback:\n  callbacks:\n    safe: {command: [pager, x]}\n"
      "    primary: {command: [" +
      program + "]}\n");
  CHECK(missing_programs(config, environment_of({{"PATH", files / "bin"}})).empty());
}

TEST_CASE("each program that is not there, or not executable, is told with its place") {
  Files files;
  const std::string plain = files.write("plain", "");
  const Config config = good(
      "health: {checks: [{type: disk}, {type: command, command: [check_none]}]}\n"
      "fallback:\n"
      "  callbacks: {safe: {command: [pager]}}\n"
      "  actions: [{name: a, when: severity > 0, command: [\"" +
      plain +
      "\"]}]\n"
      "  detectors: {primary: {command: [/no/such]}}\n");
  const auto missing = missing_programs(config, environment_of({{"PATH", files / "bin"}}));
  REQUIRE(missing.size() == 4);
  CHECK(missing[0] ==
        "rz.yaml:1: health.checks[1].command: this user cannot run 'check_none'; it is not on "
        "PATH, or not executable");
  CHECK(missing[1] ==
        "rz.yaml:3: fallback.callbacks.safe.command: this user cannot run 'pager'; it is not on "
        "PATH, or not executable");
  CHECK(missing[2] == "rz.yaml:4: fallback.actions[0].command: this user cannot run '" + plain +
                          "'; it does not exist, or is not executable");
  CHECK(missing[3].find("fallback.detectors.primary.command: this user cannot run '/no/such'") !=
        std::string::npos);
}

}  // namespace
}  // namespace rz::config
