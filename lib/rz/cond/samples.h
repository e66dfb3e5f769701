#pragma once

#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <vector>

#include "rz/cond/ast.h"
#include "rz/cond/condition.h"

namespace rz::cond {

/// A value to try for a variable: a constant of the condition, the nearest one below or above it,
/// or any value, where there is no constant.
struct Sample {
  enum class Relation { equal, below, above, any };
  ConditionValue value;
  ConditionValue constant;
  Relation relation = Relation::equal;
};

/// What to try for one variable: at least one value from each stretch between the constants that it
/// is compared with, whether that holds integers, doubles or both.
struct SampledVariable {
  std::uint32_t variable = 0;  ///< Into Ast::variables.
  std::vector<Sample> samples;
  std::forward_list<std::string> strings;  ///< Owns those that are not in the Ast.
};

struct Samples {
  std::vector<SampledVariable> variables;  ///< Those of the part.
  /// Whether the part takes, for some combination of the samples, every answer that it can take.
  /// Not so where a variable stands in arithmetic or is compared with another one.
  bool exhaustive = true;
};

/// The nearest numbers of each type around a constant; nothing where there is none.
struct Around {
  std::optional<double> double_below, double_above;
  std::optional<std::int64_t> int_below, int_above;
};
Around around(std::int64_t constant);
Around around(double constant);

/// The samples for a part of a condition. The Ast must outlive them.
Samples collect_samples(const Ast& ast, NodeId part);

}  // namespace rz::cond
