#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rz/base/result.h"

namespace rz::cond {
class CompiledCondition;  // Internal: compiled_condition.h.
}  // namespace rz::cond

#pragma GCC visibility push(default)
namespace rz {

/// What a variable of the whitelist may hold. `number` takes integers and doubles.
enum class VariableType { number, integer, string, boolean };

struct Variable {
  std::string name;
  VariableType type = VariableType::number;

  bool operator==(const Variable&) const = default;
};

/// What a condition may use.
struct ConditionOptions {
  /// The whitelist; the default is that of the old system.
  std::vector<Variable> variables = {{"severity", VariableType::number},
                                     {"recurrence_count", VariableType::integer},
                                     {"confidence", VariableType::number},
                                     {"step", VariableType::integer},
                                     {"duration", VariableType::number}};
  std::size_t max_tokens = 50;  ///< The end not counted. More than 1000 counts as 1000.
};

/// A variable's value; monostate: none is known. Strings are not owned.
using ConditionValue = std::variant<std::monostate, bool, std::int64_t, double, std::string_view>;

/// The value as a condition would write it: `0.5`, `"text"`, `true`; `missing` for monostate.
std::string to_string(const ConditionValue& value);

/// The values of one variable for many evaluations, one a row. Not owned.
using ConditionColumn = std::variant<std::span<const double>, std::span<const std::int64_t>>;

/// Names and values for one evaluation. Small; looked up linearly. Owns its strings.
class ConditionContext {
 public:
  using Stored = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

  /// Adds or replaces.
  void set(std::string name, Stored value);
  /// monostate if the name is unknown. The view lives as long as this object is unchanged.
  ConditionValue get(std::string_view name) const;
  const std::vector<std::pair<std::string, Stored>>& values() const { return values_; }

 private:
  std::vector<std::pair<std::string, Stored>> values_;
};

struct Explanation;  // explain.h

/// A checked, compiled condition. Immutable, cheap to copy, safe to share among threads.
class Condition {
 public:
  /// The text that it was parsed from.
  const std::string& text() const;

  /// The variables that it names, in order of first use; `evaluate` takes values in this order.
  std::span<const Variable> variables() const;

  /// The answer. `values` has one entry for each of variables(). Allocates only to report an error.
  /// Errors: not_found (a variable that is needed has no value), invalid_argument (a value of
  /// another type than the whitelist says, a non-finite number or result, a division by zero, an
  /// integer overflow), each with place and caret.
  Result<bool> evaluate(std::span<const ConditionValue> values) const;

  /// The answers for `rows` rows at once: bit i % 64 of answers[i / 64] is that of row i; what is
  /// left of the last word is 0. `columns` has one entry for each of variables(), in this order,
  /// each with at least `rows` values; `answers` has room for all. Where a condition compares
  /// variables with constants, this goes many rows a step.
  /// Errors: invalid_argument (columns that do not fit; a string or boolean variable, as columns
  /// hold numbers), and those of the first row that evaluate() would fail for, `where` ending in
  /// ` (row N)`, from 0; answers are then undefined.
  Result<void> evaluate(std::span<const ConditionColumn> columns, std::size_t rows,
                        std::span<std::uint64_t> answers) const;

  /// As above, by name. Allocates where the condition names more than 50 variables.
  Result<bool> evaluate(const ConditionContext& context) const;

 private:
  friend Result<Condition> parse_condition(std::string_view, const ConditionOptions&);
  friend Explanation explain(const Condition&, const ConditionContext&);  // explain.h
  explicit Condition(std::shared_ptr<const cond::CompiledCondition> program);
  std::shared_ptr<const cond::CompiledCondition> program_;
};

/// Checks the whole of `text`, at most 1 MiB, and compiles it. Errors: parse; `where` is
/// `condition:LINE:COLUMN` (from 1, in code points), the message ends with the line and a caret
/// under the place.
Result<Condition> parse_condition(std::string_view text, const ConditionOptions& options = {});

/// All errors in `text`, in order of place, each as parse_condition would report it; empty if it
/// parses.
std::vector<Error> check_condition(std::string_view text, const ConditionOptions& options = {});

/// Parts of `text` that are valid but hardly intended, as they have the same answer for all values,
/// in order of place (`code` invalid_argument); empty if there are none, or `text` does not parse.
std::vector<Error> lint_condition(std::string_view text, const ConditionOptions& options = {});

/// As `condition.evaluate(context)`: the name in the old system.
Result<bool> evaluate(const Condition& condition, const ConditionContext& context);

}  // namespace rz
#pragma GCC visibility pop
