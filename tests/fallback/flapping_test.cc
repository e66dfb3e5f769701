#include "rz/fallback/flapping.h"

#include <doctest/doctest.h>

#include <string>

namespace rz::fallback {
namespace {

const std::string kAllPrimary(kFlapResults, 'p');

/// 21 results with so many changes, the newest ones.
std::string with_newest_changes(std::size_t changes) {
  std::string results = kAllPrimary;
  for (std::size_t i = kFlapResults - changes; i < kFlapResults; ++i) {
    results[i] = results[i - 1] == 'p' ? 's' : 'p';
  }
  return results;
}

TEST_CASE("the weights are those of Nagios") {
  CHECK(change_percent("") == 0);
  CHECK(change_percent(kAllPrimary) == 0);
  // One change, the newest; one, the oldest; all 20.
  CHECK(change_percent(kAllPrimary.substr(1) + "s") == doctest::Approx(6.25));
  CHECK(change_percent("p" + std::string(kFlapResults - 1, 's')) == doctest::Approx(3.75));
  CHECK(change_percent(with_newest_changes(20)) == doctest::Approx(100));
  // The two newest: 1.25 and 1.25 - 0.5 / 19 of 20 each.
  CHECK(change_percent(with_newest_changes(2)) == doctest::Approx(12.36842));
}

TEST_CASE("a host of which nothing is remembered called for primary all the time") {
  CHECK(change_percent("s") == doctest::Approx(6.25));
  CHECK(change_percent("sp") == change_percent(std::string(kFlapResults - 2, 'p') + "sp"));
}

TEST_CASE("the kind of change does not matter, its number does") {
  CHECK(change_percent("h") == change_percent("s"));
  CHECK(change_percent("hs") == change_percent("sp"));
}

TEST_CASE("only the newest 21 results are kept, and none where all are primary") {
  std::string recent;
  add_result(recent, Mode::primary);
  CHECK(recent == "");
  add_result(recent, Mode::safe);
  CHECK(last_result(recent) == Mode::safe);
  add_result(recent, Mode::heuristic);
  CHECK(recent == "sh");
  for (int i = 0; i < 20; ++i) add_result(recent, Mode::primary);
  CHECK(recent.size() == kFlapResults);
  CHECK(recent.front() == 'h');
  CHECK(change_percent(recent) == doctest::Approx(3.75));
  add_result(recent, Mode::primary);
  CHECK(recent == "");
  CHECK(last_result(recent) == Mode::primary);
}

TEST_CASE("from the high threshold on it flaps, at the low one no more") {
  const FlappingOptions options{20, 30};
  CHECK_FALSE(flaps(29.9, options, false));
  CHECK(flaps(30, options, false));
  CHECK(flaps(20.1, options, true));
  CHECK_FALSE(flaps(20.1, options, false));
  CHECK_FALSE(flaps(20, options, true));
}

}  // namespace
}  // namespace rz::fallback
