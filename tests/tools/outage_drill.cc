// outage_drill restarts|sentinel|cluster|sqlite [ROUNDS]: breaks a store of its own so many times
// under a stream of cascades, and prints what became of the transitions. Exit 1 if one that was
// acknowledged is lost, doubled or out of order.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <string>

#include "support/outages.h"

namespace {

using namespace rz::test;

struct Drill {
  const char* name;
  DrillFigures (*run)(int rounds, const OnRound& on_round);
};
constexpr Drill kDrills[] = {{"restarts", drill_restarts},
                             {"sentinel", drill_sentinel},
                             {"cluster", drill_cluster},
                             {"sqlite", drill_sqlite}};

int run(const Drill& drill, int rounds) {
  const auto start = std::chrono::steady_clock::now();
  const DrillFigures figures = drill.run(rounds, [&](int round) {
    if (round % 10 == 0) std::fprintf(stderr, "%s: %d of %d\n", drill.name, round, rounds);
  });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%s: %d outages in %.1f s: %s\n", drill.name, rounds, took.count(),
              to_string(figures).c_str());
  return figures.good() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 100;
  for (const Drill& drill : kDrills) {
    if (name != drill.name || rounds < 1) continue;
    try {
      return run(drill, rounds);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "outage_drill: %s\n", error.what());
      return 3;
    }
  }
  std::fprintf(stderr, "usage: outage_drill restarts|sentinel|cluster|sqlite [ROUNDS]\n");
  return 3;
}
