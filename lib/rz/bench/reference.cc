#include "rz/bench/reference.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "rz/bench/machine_probe.h"

namespace rz::bench {
namespace {

// Larger than the second cache of most processors, smaller than the third.
constexpr std::size_t kTableBytes = 4 << 20;
constexpr int kSteps = 100;

/// Xorshift (Marsaglia 2003).
std::uint64_t next_random(std::uint64_t x) {
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return x;
}

Result<Operation> set_up_compute() {
  return repeat([]() -> Result<void> {
    const std::uint64_t sum = probe_work();
    do_not_optimize(sum);
    return {};
  });
}

/// A table in which each entry names the next, so that all of them are one ring in random order
/// (Sattolo 1986): no read can begin before the one ahead of it has ended.
std::vector<std::uint32_t> make_ring() {
  std::vector<std::uint32_t> ring(kTableBytes / sizeof(std::uint32_t));
  std::iota(ring.begin(), ring.end(), 0U);
  std::uint64_t random = 1;
  for (std::size_t i = ring.size() - 1; i > 0; --i) {
    random = next_random(random);
    std::swap(ring[i], ring[random % i]);
  }
  return ring;
}

Result<Operation> set_up_memory() {
  return Operation([ring = std::make_shared<std::vector<std::uint32_t>>(make_ring())](
                       std::uint64_t iterations) -> Result<void> {
    std::uint32_t at = 0;
    for (std::uint64_t i = 0; i < iterations; ++i) {
      for (int step = 0; step < kSteps; ++step) at = (*ring)[at];
      do_not_optimize(at);
    }
    return {};
  });
}

Result<Operation> set_up_kernel() {
  return Operation([](std::uint64_t iterations) -> Result<void> {
    for (std::uint64_t i = 0; i < iterations; ++i) ::syscall(SYS_getppid);
    return {};
  });
}

}  // namespace

std::vector<Benchmark> reference_benchmarks() {
  return {{"reference/compute", set_up_compute},
          {"reference/memory", set_up_memory},
          {"reference/kernel", set_up_kernel}};
}

}  // namespace rz::bench
