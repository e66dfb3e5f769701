#include "rz/fallback/host_memory.h"

#include <doctest/doctest.h>

#include <string>

#include "fallback/fallback_support.h"
#include "rz/base/json.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

HostMemory full_memory() {
  HostMemory memory;
  memory.at = at(5);
  memory.good = 2;
  memory.last_call_for(Mode::heuristic) = at(3);
  memory.last_call_for(Mode::safe) = at(4);
  memory.rules = {{"slow", {at(1), false}}, {"stuck \"x\"", {std::nullopt, true}}};
  memory.recent = "hsp";
  memory.flapping = Mode::safe;
  return memory;
}

TEST_CASE("what a host remembers is read back as it was stored") {
  for (const HostMemory& memory : {HostMemory{}, full_memory()}) {
    CHECK(host_memory_from(ok(parse_json(to_json(to_stored(memory))))) == memory);
  }
}

TEST_CASE("a memory without anything but a time is empty") {
  HostMemory memory;
  memory.at = at(5);
  CHECK(memory.empty());
  CHECK_FALSE(full_memory().empty());
  memory.recent = "s";
  CHECK_FALSE(memory.empty());
}

TEST_CASE("what cannot be read counts as not remembered") {
  for (const std::string text :
       {"[]", "7", "{}",
        R"({"at":"yesterday","good_evaluations":-3,"safe":7,"rules":[],)"
        R"("recent":"px","flapping":"panic"})",
        R"({"recent":"ppppppppppppppppppppps","rules":{"a":{"since":"x"},"b":3}})"}) {
    CAPTURE(text);
    CHECK(host_memory_from(ok(parse_json(text))) == HostMemory{});
  }
}

}  // namespace
}  // namespace rz::fallback
