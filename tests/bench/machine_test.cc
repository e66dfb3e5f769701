#include "rz/bench/machine.h"

#include <doctest/doctest.h>

#include <string>

namespace rz::bench {

TEST_CASE("the fingerprint names what figures depend on, and is the same twice") {
  const Value machine = machine_fingerprint();
  for (const char* key : {"cpu", "kernel", "compiler", "build", "rz_version"}) {
    INFO(std::string(key));
    const Value* value = machine.find(key);
    REQUIRE(value);
    REQUIRE(value->as_string());
    CHECK_FALSE(value->as_string()->empty());
  }
  const Value* cores = machine.find("cores");
  REQUIRE(cores);
  REQUIRE(cores->as_int());
  CHECK(*cores->as_int() >= 1);
  CHECK(machine_fingerprint() == machine);
}

}  // namespace rz::bench
