#include "rz/bench/machine_probe.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "rz/bench/benchmark.h"

namespace rz::bench {
namespace {

// A run that comes after a pause finds cold caches, so there are runs until so many in turn are no
// faster than those before.
constexpr int kNoFaster = 3;
constexpr int kMaxProbeRuns = 30;
constexpr double kFaster = 0.99;
constexpr int kArithmeticSteps = 2'000;
constexpr int kReadSteps = 1'500;
// A part of the second cache of most processors.
constexpr std::size_t kProbeBytes = 256 << 10;

/// A table in which each entry names the next, all of them one ring in random order: a read cannot
/// begin before the one ahead of it has ended.
std::vector<std::uint32_t> make_probe_ring() {
  std::vector<std::uint32_t> ring(kProbeBytes / sizeof(std::uint32_t));
  std::iota(ring.begin(), ring.end(), 0U);
  std::uint64_t random = 1;
  for (std::size_t i = ring.size() - 1; i > 0; --i) {
    random = random * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    std::swap(ring[i], ring[(random >> 33) % i]);
  }
  return ring;
}

std::uint32_t read_memory() {
  static const std::vector<std::uint32_t> kRing = make_probe_ring();
  std::uint32_t at = 0;
  for (int i = 0; i < kReadSteps; ++i) at = kRing[at];
  return at;
}

}  // namespace

// Four sums that do not depend on each other: one alone would leave most of the core to others, and
// would not be held up by them.
std::uint64_t probe_work() {
  std::uint64_t a = 1;
  std::uint64_t b = 2;
  std::uint64_t c = 3;
  std::uint64_t d = 4;
  for (int i = 0; i < kArithmeticSteps; ++i) {
    a += (a << 3) ^ 0x51;
    b += (b << 5) ^ 0x73;
    c += (c << 7) ^ 0x95;
    d += (d << 9) ^ 0xb7;
    do_not_optimize(a);
  }
  return a ^ b ^ c ^ d;
}

double probe_machine() {
  using std::chrono::steady_clock;
  double least = std::numeric_limits<double>::max();
  int no_faster = 0;
  for (int run = 0; run < kMaxProbeRuns && no_faster < kNoFaster; ++run) {
    const auto start = steady_clock::now();
    const std::uint64_t sum = probe_work() + read_memory();
    do_not_optimize(sum);
    const std::chrono::duration<double, std::nano> time = steady_clock::now() - start;
    no_faster = time.count() < kFaster * least ? 0 : no_faster + 1;
    least = std::min(least, time.count());
  }
  return least;
}

std::int64_t interruptions() {
  rusage own{};
  rusage children{};
  ::getrusage(RUSAGE_SELF, &own);
  ::getrusage(RUSAGE_CHILDREN, &children);
  return own.ru_nivcsw + children.ru_nivcsw;
}

}  // namespace rz::bench
