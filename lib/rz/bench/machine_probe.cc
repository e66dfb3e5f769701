#include "rz/bench/machine_probe.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "rz/bench/benchmark.h"

namespace rz::bench {
namespace {

constexpr int kProbeRuns = 3;
constexpr int kProbeSteps = 2'000;

}  // namespace

// Four sums that do not depend on each other: one alone would leave most of the core to others, and
// would not be held up by them.
std::uint64_t probe_work() {
  std::uint64_t a = 1;
  std::uint64_t b = 2;
  std::uint64_t c = 3;
  std::uint64_t d = 4;
  for (int i = 0; i < kProbeSteps; ++i) {
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
  auto least = std::chrono::nanoseconds::max();
  for (int run = 0; run < kProbeRuns; ++run) {
    const auto start = steady_clock::now();
    const std::uint64_t sum = probe_work();
    do_not_optimize(sum);
    least = std::min<std::chrono::nanoseconds>(least, steady_clock::now() - start);
  }
  return static_cast<double>(least.count());
}

}  // namespace rz::bench
