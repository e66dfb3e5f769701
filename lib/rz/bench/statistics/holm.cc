#include "rz/bench/statistics/holm.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace rz::bench {

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double greatest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto left = static_cast<double>(order.size() - i);
    greatest = std::max(greatest, std::min(1.0, p[order[i]] * left));
    adjusted[order[i]] = greatest;
  }
  return adjusted;
}

}  // namespace rz::bench
