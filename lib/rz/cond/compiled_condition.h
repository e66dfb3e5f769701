#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rz/cond/ast.h"
#include "rz/cond/condition.h"

namespace rz::cond {

/// A condition compiled for evaluation: `and`, `or` and `not` have become jumps between tests, so
/// that evaluating takes no stack and no tree. A test that compares a variable with a constant,
/// which is nearly every test there is, asks whether the value lies in an interval; all others walk
/// their part of the tree.
class CompiledCondition {
 public:
  CompiledCondition(std::string text, Ast ast);

  const std::string& text() const { return text_; }
  const Ast& ast() const { return ast_; }

  Result<bool> evaluate(std::span<const ConditionValue> values) const;

  /// As Condition::evaluate() for columns.
  Result<void> evaluate(std::span<const ConditionColumn> columns, std::size_t rows,
                        std::span<std::uint64_t> answers) const;

 private:
  friend class ColumnEvaluator;  // column_evaluator.cc
  /// Where evaluation goes on: a plain test from 0 up, an answer, or another test from kOther down.
  using Target = std::int32_t;
  static constexpr Target kTrue = -1;
  static constexpr Target kFalse = -2;
  static constexpr Target kOther = -3;

  /// The values x, of each type, for which the test holds: low <= x <= high, or not so where
  /// `outside`. Exact for every pair of int64 and double.
  struct Interval {
    std::int64_t int_low = 0;
    std::int64_t int_high = 0;
    double double_low = 0;
    double double_high = 0;
    bool outside = false;
  };

  struct Test {
    NodeId node = 0;
    Target on_true = kTrue;
    Target on_false = kFalse;
  };

  /// A comparison of a variable with a constant number.
  struct PlainTest {
    Interval interval;
    std::uint32_t slot = 0;    ///< Of the variable.
    Target on_inside = kTrue;  ///< Where it goes on if the value lies between low and high.
    Target on_outside = kFalse;
    Test test;
  };

  /// Runs plain tests from `at` on while their values are finite numbers. Returns where it stopped:
  /// an answer, or a test for evaluate_from().
  Target run_plain_tests(Target at, const ConditionValue* values) const;
  Result<bool> evaluate_from(Target at, std::span<const ConditionValue> values) const;

  Target emit(NodeId id, Target on_true, Target on_false);
  Target emit_test(NodeId id, Target on_true, Target on_false);
  std::optional<PlainTest> plain_test(const Node& node) const;
  static Interval interval_of(NodeKind kind, const Literal& constant);

  std::string text_;
  Ast ast_;
  std::vector<PlainTest> plain_tests_;
  std::vector<Test> other_tests_;
  std::size_t slots_;  ///< The number of values that are needed.
  Target entry_ = kTrue;
};

}  // namespace rz::cond
