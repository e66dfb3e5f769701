#include "rz/bench/suites/cond_suite.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "rz/cond/condition.h"

namespace rz::bench {
namespace {

constexpr std::string_view kCondition = "severity >= 0.8 and recurrence_count >= 2";

// Few enough that the columns stay in the cache.
constexpr std::size_t kRows = 4096;

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
    // Both operands hold, so that neither is skipped.
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

Result<Operation> set_up_columns() {
  auto condition = parse_condition(kCondition);
  if (!condition) return fail(std::move(condition).error());
  std::vector<double> severity(kRows);
  std::vector<std::int64_t> count(kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    severity[i] = static_cast<double>(i * 7919 % 1000) / 1000;
    count[i] = static_cast<std::int64_t>(i * 104729 % 12);
  }
  return Operation([condition = std::move(*condition), severity = std::move(severity),
                    count = std::move(count)](std::uint64_t iterations) -> Result<void> {
    const std::array<ConditionColumn, 2> columns = {std::span<const double>(severity),
                                                    std::span<const std::int64_t>(count)};
    std::array<std::uint64_t, kRows / 64> answers;
    for (std::uint64_t left = iterations; left > 0;) {
      const std::size_t rows = std::min<std::uint64_t>(left, kRows);
      if (auto done = condition.evaluate(columns, rows, answers); !done) return done;
      do_not_optimize(answers);
      left -= rows;
    }
    return {};
  });
}

}  // namespace

std::vector<Benchmark> cond_suite() {
  return {{"cond/parse", set_up_parse},
          {"cond/evaluate", set_up_evaluate},
          {"cond/columns", set_up_columns}};
}

}  // namespace rz::bench
