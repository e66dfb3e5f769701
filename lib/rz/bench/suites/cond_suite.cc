#include "rz/bench/suites/cond_suite.h"

#include <array>

#include "rz/cond/condition.h"

namespace rz::bench {
namespace {

constexpr std::string_view kCondition = "severity >= 0.8 and recurrence_count >= 2";

Result<Operation> set_up_parse() {
  return Operation([](std::uint64_t iterations) -> Result<void> {
    const ConditionOptions options;
    for (std::uint64_t i = 0; i < iterations; ++i) {
      const auto condition = parse_condition(kCondition, options);
      if (!condition) return fail(condition.error());
      do_not_optimize(*condition);
    }
    return {};
  });
}

Result<Operation> set_up_evaluate() {
  auto condition = parse_condition(kCondition);
  if (!condition) return fail(std::move(condition).error());
  return Operation([condition = std::move(*condition)](std::uint64_t iterations) -> Result<void> {
    // Both operands hold, so that both are looked at.
    const std::array<ConditionValue, 2> values = {0.9, std::int64_t{3}};
    for (std::uint64_t i = 0; i < iterations; ++i) {
      do_not_optimize(values);
      const auto answer = condition.evaluate(values);
      if (!answer) return fail(answer.error());
      do_not_optimize(*answer);
    }
    return {};
  });
}

}  // namespace

std::vector<Benchmark> cond_suite() {
  return {{"cond/parse", set_up_parse}, {"cond/evaluate", set_up_evaluate}};
}

}  // namespace rz::bench
