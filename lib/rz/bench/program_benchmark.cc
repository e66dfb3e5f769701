#include "rz/bench/program_benchmark.h"

#include <algorithm>
#include <utility>

#include "rz/base/try.h"

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
  ProgramUse all;
  const std::size_t used = std::min(count, uses_.size());
  for (std::size_t i = uses_.size() - used; i < uses_.size(); ++i) {
    all.user_ns += uses_[i].user_ns / static_cast<double>(used);
    all.system_ns += uses_[i].system_ns / static_cast<double>(used);
    // Of equal ones the one that is known.
    if (uses_[i].peak_memory > all.peak_memory ||
        (uses_[i].peak_memory == all.peak_memory && !uses_[i].peak_is_bound)) {
      all.peak_memory = uses_[i].peak_memory;
      all.peak_is_bound = uses_[i].peak_is_bound;
    }
  }
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
