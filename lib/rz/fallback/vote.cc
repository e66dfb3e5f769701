#include "rz/fallback/vote.h"

#include <algorithm>

namespace rz {

std::size_t count_for(std::span<const Vote> votes, Mode mode) {
  return static_cast<std::size_t>(std::count_if(
      votes.begin(), votes.end(), [mode](const Vote& vote) { return vote.mode >= mode; }));
}

Mode mode_of(std::span<const Vote> votes, int quorum) {
  for (const Mode mode : {Mode::safe, Mode::heuristic}) {
    if (count_for(votes, mode) >= static_cast<std::size_t>(quorum)) return mode;
  }
  return Mode::primary;
}

Mode Votes::mode() const { return mode_of(standing, quorum); }

}  // namespace rz
