#include "rz/health/dependency_cycles.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace rz::health {
namespace {

using Graph = std::vector<std::vector<std::size_t>>;

/// `0/1 2/0, 3/0`: the steps of each cycle, node and place of the parent.
std::string cycles_of(const Graph& parents) {
  std::string text;
  for (const auto& cycle : find_dependency_cycles(parents)) {
    if (!text.empty()) text += ", ";
    std::string steps;
    for (const DependencyStep& step : cycle) {
      steps += (steps.empty() ? "" : " ") + std::to_string(step.node) + "/" +
               std::to_string(step.parent);
    }
    text += steps;
  }
  return text;
}

/// Each node depends on the next one; the last on node `last`, if there is such.
Graph chain(std::size_t length, std::size_t last) {
  Graph parents(length);
  for (std::size_t i = 0; i + 1 < length; ++i) parents[i] = {i + 1};
  if (last < length) parents.back() = {last};
  return parents;
}

}  // namespace

TEST_CASE("each cycle is found once, and the steps lead along it") {
  CHECK(cycles_of({}) == "");
  CHECK(cycles_of({{}, {0}, {0, 1}}) == "");
  CHECK(cycles_of({{0}}) == "0/0");
  CHECK(cycles_of({{1}, {2}, {3, 1}, {}}) == "1/0 2/1");
  CHECK(cycles_of({{1}, {0, 2}, {1}}) == "0/0 1/0, 1/1 2/0");
  CHECK(cycles_of({{1}, {0}, {3}, {2}, {0, 2}}) == "0/0 1/0, 2/0 3/0");
}

TEST_CASE("a chain of any length needs no stack") {
  constexpr std::size_t kLength = 100'000;
  CHECK(cycles_of(chain(kLength, kLength)) == "");
  CHECK(cycles_of(chain(kLength, kLength - 2)) == "99998/0 99999/0");
  CHECK(find_dependency_cycles(chain(kLength, 0)).front().size() == kLength);
}

}  // namespace rz::health
