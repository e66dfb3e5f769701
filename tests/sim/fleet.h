#pragma once

#include <cstdint>

namespace rz::sim {

/// What a fleet of hosts asks of one store.
struct FleetOptions {
  std::uint64_t seed = 1;
  int hosts = 10'000;
  int interval_seconds = 60;      ///< Each host evaluates so often.
  int calls_per_second = 50'000;  ///< That the store can answer.
  bool at_once = false;  ///< All of them at the same second, as by cron; else spread evenly.
};

/// Runs the fleet: healthy for some rounds, then all see one failure, then it is over. Prints what
/// the store had to do, how long it took until all agreed, and how many commits were refused.
void simulate_fleet(const FleetOptions& options);

}  // namespace rz::sim
