#include "rz/bench/program_benchmark.h"

#include <algorithm>
#include <utility>

#include "rz/base/try.h"
#include "rz/bench/statistics/summary.h"

namespace rz::bench {
namespace {

Operation repeated_runs(const std::shared_ptr<ProgramRunner>& runner,
                        const std::shared_ptr<ProgramUses>& uses) {
  return [runner, uses](std::uint64_t iterations) -> Result<void> {
    for (std::uint64_t i = 0; i < iterations; ++i) {
      TRY_ASSIGN(const ProgramUse use, runner->run());
      if (uses) uses->add(use);
    }
    return {};
  };
}

}  // namespace

ProgramUse ProgramUses::summary(std::size_t count) const {
  std::vector<double> user;
  std::vector<double> system;
  ProgramUse all;
  for (std::size_t i = uses_.size() - std::min(count, uses_.size()); i < uses_.size(); ++i) {
    user.push_back(uses_[i].user_ns);
    system.push_back(uses_[i].system_ns);
    all.peak_memory = std::max(all.peak_memory, uses_[i].peak_memory);
  }
  all.user_ns = median_of(user);
  all.system_ns = median_of(system);
  return all;
}

Benchmark program_benchmark(ProgramOptions options, std::shared_ptr<ProgramUses> uses) {
  Benchmark benchmark{.name = options.name, .setup = nullptr, .single = true};
  if (!options.prepare.empty()) {
    const auto prepare = std::make_shared<ProgramRunner>(preparation_of(options));
    benchmark.before_sample = [prepare]() -> Result<void> {
      TRY(prepare->run());
      return {};
    };
  }
  benchmark.setup = [options = std::move(options), uses]() -> Result<Operation> {
    return repeated_runs(std::make_shared<ProgramRunner>(options), uses);
  };
  return benchmark;
}

}  // namespace rz::bench
