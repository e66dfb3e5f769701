#include "rz/fallback/vote.h"

#include <doctest/doctest.h>

#include <vector>

namespace rz {
namespace {

std::vector<Vote> votes_for(const std::vector<Mode>& modes) {
  std::vector<Vote> votes;
  for (const Mode mode : modes) votes.push_back({"host", mode});
  return votes;
}

TEST_CASE("the mode is the worst for which enough votes stand") {
  using enum Mode;
  struct Row {
    std::vector<Mode> votes;
    int quorum;
    Mode mode;
  };
  const Row rows[] = {
      {{}, 1, primary},
      {{heuristic}, 1, heuristic},
      {{safe}, 1, safe},
      {{safe}, 2, primary},
      {{heuristic, safe}, 1, safe},
      // A vote for safe is also one for heuristic.
      {{heuristic, safe}, 2, heuristic},
      {{safe, safe}, 2, safe},
      {{safe, safe, heuristic}, 3, heuristic},
      {{safe, safe, heuristic}, 4, primary},
  };
  for (const Row& row : rows) {
    CAPTURE(row.votes.size());
    CAPTURE(row.quorum);
    CHECK(mode_of(votes_for(row.votes), row.quorum) == row.mode);
  }
}

TEST_CASE("votes are counted for a mode and what is worse") {
  const auto votes = votes_for({Mode::heuristic, Mode::safe, Mode::safe});
  CHECK(count_for(votes, Mode::safe) == 2);
  CHECK(count_for(votes, Mode::heuristic) == 3);
}

}  // namespace
}  // namespace rz
