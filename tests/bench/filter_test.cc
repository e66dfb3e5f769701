#include "rz/bench/filter.h"

#include <doctest/doctest.h>

namespace rz::bench {
namespace {

std::vector<Benchmark> named(const std::vector<std::string>& names) {
  std::vector<Benchmark> all;
  for (const std::string& name : names) all.push_back({name, nullptr});
  return all;
}

std::vector<std::string> filtered(const std::string& pattern) {
  const auto chosen =
      filter_benchmarks(named({"cond/parse", "cond/evaluate", "storage/memory/get"}), pattern);
  REQUIRE(chosen);
  std::vector<std::string> names;
  for (const Benchmark& benchmark : *chosen) names.push_back(benchmark.name);
  return names;
}

std::string refusal(const std::string& pattern) {
  const auto chosen = filter_benchmarks(named({"cond/parse", "cond/evaluate"}), pattern);
  REQUIRE_FALSE(chosen);
  return to_string(chosen.error());
}

using Names = std::vector<std::string>;

TEST_CASE("a filter matches anywhere in the name, and keeps the order") {
  CHECK(filtered("").size() == 3);
  CHECK(filtered("cond") == Names{"cond/parse", "cond/evaluate"});
  CHECK(filtered("get$|parse$") == Names{"cond/parse", "storage/memory/get"});
  CHECK(filtered("^storage/[a-z]{6}/") == Names{"storage/memory/get"});
}

TEST_CASE("a filter that matches nothing names what is near") {
  CHECK(refusal("cond/evalute") ==
        "--filter: no benchmark matches 'cond/evalute'; did you mean 'cond/evaluate'? "
        "(rz bench --list names them)");
  CHECK(refusal("zzz") == "--filter: no benchmark matches 'zzz' (rz bench --list names them)");
}

TEST_CASE("patterns that are wrong or would eat the machine are refused") {
  CHECK(refusal("(").starts_with("--filter: '(' is not a regular expression: "));
  CHECK(refusal(std::string(257, 'a')) == "--filter: the pattern is longer than 256 bytes");
  CHECK(refusal("(a{99}){99}") == "--filter: the pattern has more than one interval {m,n}");
}

}  // namespace
}  // namespace rz::bench
