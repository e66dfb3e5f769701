#pragma once

#include <cstdint>

namespace rz::sim {

/// Numbers that follow from a seed alone, on every machine (splitmix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// From `least` to `most`, both included.
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool one_in(std::int64_t many) { return between(1, many) == 1; }
  bool percent(std::int64_t chance) { return between(1, 100) <= chance; }

 private:
  std::uint64_t state_;
};

}  // namespace rz::sim
