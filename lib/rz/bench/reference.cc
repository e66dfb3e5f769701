#include "rz/bench/reference.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <numeric>
#include <utility>
#include <vector>

#include "rz/bench/machine_probe.h"

namespace rz::bench {
namespace {

// A part of the second cache of most processors, and larger than the first. What is beyond a core's
// own caches depends on neighbours, and on where in memory the pages happened to be.
constexpr std::size_t kTableBytes = 1 << 20;
constexpr std::size_t kHugePage = 2 << 20;
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
std::shared_ptr<const std::uint32_t> make_ring() {
  // One huge page, where the system has them, lies in the cache in the same way in each process.
  const std::shared_ptr<void> page(std::aligned_alloc(kHugePage, kHugePage), std::free);
  if (!page) throw std::bad_alloc();
  (void)::madvise(page.get(), kHugePage, MADV_HUGEPAGE);
  constexpr std::size_t kEntries = kTableBytes / sizeof(std::uint32_t);
  auto* const ring = static_cast<std::uint32_t*>(page.get());
  std::iota(ring, ring + kEntries, 0U);
  std::uint64_t random = 1;
  for (std::size_t i = kEntries - 1; i > 0; --i) {
    random = next_random(random);
    std::swap(ring[i], ring[random % i]);
  }
  return {page, ring};
}

Result<Operation> set_up_memory() {
  return Operation([ring = make_ring()](std::uint64_t iterations) -> Result<void> {
    std::uint32_t at = 0;
    for (std::uint64_t i = 0; i < iterations; ++i) {
      for (int step = 0; step < kSteps; ++step) at = ring.get()[at];
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
          {"reference/cache", set_up_memory},
          {"reference/kernel", set_up_kernel}};
}

}  // namespace rz::bench
