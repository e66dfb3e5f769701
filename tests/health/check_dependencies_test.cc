#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "rz/config/map_reader.h"
#include "rz/health/check_fields.h"

namespace rz::health {
namespace {

using Checks = std::vector<std::pair<std::string, std::vector<std::string>>>;

// A line for each check: its name at column 1, the nth dependency at column n + 1.
std::vector<Error> errors_of(const Checks& checks, bool complete = true) {
  std::vector<CheckEntry> entries;
  for (const auto& [name, parents] : checks) {
    const std::size_t line = entries.size() + 1;
    CheckEntry entry{name, {line, 1}, {}};
    for (const std::string& parent : parents) {
      entry.depends_on.emplace_back(parent, Place{line, entry.depends_on.size() + 2});
    }
    entries.push_back(std::move(entry));
  }
  const std::string file = "f";
  const config::EnvironmentLookup environment = [](const std::string&) { return std::nullopt; };
  config::Reader reader(file, "", environment);
  config::MapReader fields(reader, nullptr, "", {});
  check_dependencies(entries, complete, fields);
  return reader.take_errors();
}

std::string told(const Checks& checks, bool complete = true) {
  std::string all;
  for (const Error& error : errors_of(checks, complete)) all += to_string(error) + "\n";
  return all;
}

}  // namespace

TEST_CASE("dependencies that can be met are silent") {
  CHECK(told({}) == "");
  CHECK(told({{"a", {}}, {"b", {"a"}}, {"c", {"a", "b"}}}) == "");
  CHECK(told({{"b", {"a", "a"}}, {"a", {}}}) == "");
}

TEST_CASE("names are unique") {
  CHECK(told({{"a", {}}, {"b", {}}, {"a", {}}}) ==
        "f:3:1: the check of line 1 is named 'a' too; give each check its own 'name'\n");
}

TEST_CASE("dependencies exist") {
  CHECK(told({{"cache", {}}, {"b", {"cahce"}}}) ==
        "f:2:2: depends_on: no check is named 'cahce'; did you mean 'cache'?\n");
  CHECK(told({{"cache", {}}, {"b", {"cahce"}}}, false) == "");
}

TEST_CASE("each circle is told once") {
  CHECK(told({{"a", {"a"}}}) == "f:1:2: depends_on: a check would wait for itself: a -> a\n");
  CHECK(told({{"a", {"b"}}, {"b", {"c"}}, {"c", {"a"}}, {"d", {"a"}}}) ==
        "f:1:2: depends_on: a check would wait for itself: a -> b -> c -> a\n");
  CHECK(told({{"d", {"a"}}, {"a", {"b"}}, {"b", {"a"}}, {"x", {"y"}}, {"y", {"x"}}}) ==
        "f:2:2: depends_on: a check would wait for itself: a -> b -> a\n"
        "f:4:2: depends_on: a check would wait for itself: x -> y -> x\n");
}

TEST_CASE("long chains and circles cost no stack") {
  Checks chain;
  for (int i = 0; i < 50'000; ++i)
    chain.push_back({"c" + std::to_string(i), {"c" + std::to_string(i + 1)}});
  chain.push_back({"c50000", {}});
  CHECK(errors_of(chain).empty());
  chain.back().second = {"c0"};
  CHECK(errors_of(chain).size() == 1);
}

TEST_CASE("a circle is told exactly if there is one") {
  CHECK(rc::check("against Floyd and Warshall", [] {
    constexpr std::size_t kCount = 6;
    const auto edges = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 6), rc::gen::inRange(0, 6)));
    Checks checks(kCount);
    bool reaches[kCount][kCount] = {};
    for (std::size_t i = 0; i < kCount; ++i) checks[i].first = "c" + std::to_string(i);
    for (const auto& [from, to] : edges) {
      checks[static_cast<std::size_t>(from)].second.push_back("c" + std::to_string(to));
      reaches[from][to] = true;
    }
    for (std::size_t k = 0; k < kCount; ++k) {
      for (std::size_t i = 0; i < kCount; ++i) {
        for (std::size_t j = 0; j < kCount; ++j) {
          reaches[i][j] = reaches[i][j] || (reaches[i][k] && reaches[k][j]);
        }
      }
    }
    bool circle = false;
    for (std::size_t i = 0; i < kCount; ++i) circle = circle || reaches[i][i];
    RC_ASSERT(errors_of(checks).empty() == !circle);
  }));
}

}  // namespace rz::health
