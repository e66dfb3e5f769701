#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace rz::nemesis {

enum class StoreKind { redis, sqlite };

/// What a run is to be. All that workers and adversary choose follows from the seed.
struct Options {
  StoreKind store = StoreKind::redis;
  std::uint64_t seed = 1;
  int seconds = 60;
  int commands = 0;  ///< So many in all, however long they take, instead of `seconds`; 0: no bound.
  std::string program;  ///< The path of rz.
  std::string folder;   ///< Where everything is kept.
  int hosts = 3;
  int workers = 2;  ///< Of each host.
};

/// Choices that follow from the seed of the run and the chooser's own place in it.
class Chooser {
 public:
  Chooser(std::uint64_t seed, int place)
      : random_(seed * 1'000'003 + static_cast<std::uint64_t>(place)) {}

  /// Both bounds included.
  int between(int low, int high) {
    return low + static_cast<int>(random_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool percent(int chance) { return between(1, 100) <= chance; }

 private:
  std::mt19937_64 random_;
};

}  // namespace rz::nemesis
