#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

namespace rz::test {

/// Says that a test tries nothing for want of `tool`, which `scripts/install_packages test` brings:
/// in continuous integration that is a failure.
inline void say_not_tried(const std::string& tool) {
  const char* const ci = std::getenv("CI");
  REQUIRE_MESSAGE((ci == nullptr || std::string(ci) != "true"),
                  tool << ": run scripts/install_packages test");
  MESSAGE(tool << ", so that it was not tried");
}

}  // namespace rz::test
