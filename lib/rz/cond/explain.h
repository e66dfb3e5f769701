#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rz/base/result.h"
#include "rz/cond/condition.h"

#pragma GCC visibility push(default)
namespace rz {

/// A part of a condition and what became of it: an operation (`and`, `or`, `not`) or a test.
struct ExplainedPart {
  enum class State { answered, skipped, failed };

  /// What a test looked at: a variable, or a sum of which it is a part.
  struct Operand {
    std::string text;
    std::string value;  ///< As a condition would write it; "missing" if there is none.
  };

  std::string text;  ///< With no more parentheses than it needs.
  State state = State::skipped;
  bool answer = false;               ///< If answered.
  bool decides = false;              ///< Its answer alone is that of the operation it belongs to.
  std::string operation;             ///< "and", "or", "not"; "" for a test.
  std::vector<ExplainedPart> parts;  ///< Of an operation that was looked at.
  std::vector<Operand> operands;     ///< Of a test that was looked at.
};

/// A change of one value that would turn the answer round.
struct AnswerChange {
  std::string variable;
  std::string is;       ///< Its value: `0.75`.
  std::string needs;    ///< `at least 0.8`, `less than 3`, `"high"`.
  bool answer = false;  ///< What the answer would be.
  /// Not empty: this variable, which has no value and was not looked at, would then be needed, and
  /// the answer would depend on it.
  std::string then;
};

/// One evaluation, taken apart.
struct Explanation {
  ExplainedPart root;
  std::optional<Error> error;  ///< What evaluate() fails with; then there is no answer.
  /// The smallest change, relative to the values, among those that were found by trying; nothing if
  /// no value alone makes a difference or there is no answer.
  std::optional<AnswerChange> change;
  /// Set by with_missing_as_false(): the answer is false only because this value is missing.
  std::optional<Error> missing{};
};

/// Explains what `condition.evaluate(context)` answers.
Explanation explain(const Condition& condition, const ConditionContext& context);

/// The same, where the caller takes a condition that lacks a value for false: the root is then
/// answered, and `missing` is what was the error. Any other error stays.
Explanation with_missing_as_false(Explanation explanation);

}  // namespace rz
#pragma GCC visibility pop
