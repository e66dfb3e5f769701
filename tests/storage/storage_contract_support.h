#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "storage/storage_contract.h"

namespace rz::storage {

/// A life that a test outlives, the wait that surely outlives it, and one that no test outlives.
inline constexpr Millis kLife{40};
inline constexpr Millis kWait{80};
inline constexpr Millis kLongLife{3'600'000};

/// Calls `use` with a life for a key that it sets and then works with: again with a longer one
/// until the key has not ended meanwhile, however slow the machine is. Answers that life.
inline Millis use_while_alive(const StorageBackend& backend,
                              const std::function<void(Millis)>& use) {
  if (backend.exact_time) {
    use(kLife);
    return kLife;
  }
  for (Millis life{500};; life *= 2) {
    const auto begin = std::chrono::steady_clock::now();
    use(life);
    if (std::chrono::steady_clock::now() - begin < life) return life;
  }
}

/// Lets `life` pass, just now begun, and checks that `alive` holds until its end and not beyond.
inline void pass_life(const StorageBackend& backend, const std::function<bool()>& alive,
                      Millis life = kLife) {
  if (backend.exact_time) {
    backend.advance(life - Millis{1});
    CHECK(alive());
    backend.advance(Millis{1});
  } else {
    backend.advance(life + kWait - kLife);
  }
  CHECK_FALSE(alive());
}

/// Runs `body` in so many threads at once, numbered from 0. Returns in how many it was true.
inline int race(int threads, const std::function<bool(int)>& body) {
  std::atomic<int> successes{0};
  std::vector<std::thread> racers;
  for (int i = 0; i < threads; ++i) {
    racers.emplace_back([&, i] {
      if (body(i)) ++successes;
    });
  }
  for (std::thread& racer : racers) racer.join();
  return successes;
}

}  // namespace rz::storage
