#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rz/cond/ast.h"
#include "rz/cond/condition.h"
#include "rz/cond/scalar.h"

namespace rz::cond {

/// Evaluates parts of a tree for one set of values. The first failure is kept and everything after
/// it is skipped; turning it into an Error is the only thing that allocates.
class Evaluator {
 public:
  Evaluator(const Ast& ast, std::span<const ConditionValue> values) : ast_(ast), values_(values) {}

  /// The value of `id`. Meaningless once failed().
  Scalar value(NodeId id);

  bool failed() const { return failure_ != Failure::none; }

  /// The index in Ast::variables of the variable whose missing value made it fail; nothing if that
  /// was not the reason.
  std::optional<std::uint32_t> missing_variable() const;

  /// Why it failed: `division by zero`.
  std::string explanation() const;

  /// The failure with its place in `text`. Errors: not_found (a value is missing), else
  /// invalid_argument.
  Error error(std::string_view text) const;

 private:
  enum class Failure { none, missing, wrong_type, not_finite, overflow, division_by_zero };

  Scalar fail(Failure failure, NodeId id);
  Scalar variable(NodeId id);
  Scalar logical(const Node& node);
  Scalar membership(const Node& node);
  Scalar presence(const Node& node) const;
  Scalar arithmetic_node(NodeId id);

  const Ast& ast_;
  std::span<const ConditionValue> values_;
  Failure failure_ = Failure::none;
  NodeId failed_node_ = 0;
};

}  // namespace rz::cond
