#include "rz/cond/evaluator.h"

#include <cmath>

#include "rz/cond/diagnostic.h"

namespace rz::cond {
namespace {

const char* type_name(const ConditionValue& value) {
  static constexpr const char* kNames[] = {"missing", "true or false", "a number", "a number",
                                           "a string"};
  return kNames[value.index()];
}

const char* type_name(VariableType type) {
  switch (type) {
    case VariableType::number: return "a number";
    case VariableType::integer: return "an integer";
    case VariableType::string: return "a string";
    case VariableType::boolean: return "true or false";
  }
  return "";
}

Scalar literal(const Literal& literal) {
  if (const auto* text = std::get_if<std::string>(&literal)) return std::string_view(*text);
  if (const auto* i = std::get_if<std::int64_t>(&literal)) return *i;
  if (const auto* d = std::get_if<double>(&literal)) return *d;
  return std::get<bool>(literal);
}

}  // namespace

Scalar Evaluator::value(NodeId id) {
  if (failed()) return false;
  const Node& node = ast_[id];
  switch (node.kind) {
    case NodeKind::literal: return literal(ast_.literals[node.index]);
    case NodeKind::variable: return variable(id);
    case NodeKind::has: return presence(node);
    case NodeKind::logical_not:
    case NodeKind::logical_and:
    case NodeKind::logical_or: return logical(node);
    case NodeKind::in:
    case NodeKind::not_in: return membership(node);
    case NodeKind::equal:
    case NodeKind::not_equal: {
      const Scalar left = value(ast_.child(node, 0));
      const Scalar right = value(ast_.child(node, 1));
      return equal(left, right) == (node.kind == NodeKind::equal);
    }
    case NodeKind::less:
    case NodeKind::less_equal:
    case NodeKind::greater:
    case NodeKind::greater_equal: {
      const Scalar left = value(ast_.child(node, 0));
      const Scalar right = value(ast_.child(node, 1));
      return failed() ? Scalar(false) : Scalar(ordered(node.kind, left, right));
    }
    default: return arithmetic_node(id);
  }
}

Scalar Evaluator::fail(Failure failure, NodeId id) {
  failure_ = failure;
  failed_node_ = id;
  return false;
}

Scalar Evaluator::variable(NodeId id) {
  const std::uint32_t slot = ast_[id].index;
  const ConditionValue& value = slot < values_.size() ? values_[slot] : ConditionValue{};
  if (std::holds_alternative<std::monostate>(value)) return fail(Failure::missing, id);
  switch (ast_[id].type) {
    case Type::boolean:
      if (const auto* v = std::get_if<bool>(&value)) return *v;
      break;
    case Type::string:
      if (const auto* v = std::get_if<std::string_view>(&value)) return *v;
      break;
    case Type::number:
      if (const auto* v = std::get_if<std::int64_t>(&value)) return *v;
      if (const auto* v = std::get_if<double>(&value)) {
        return std::isfinite(*v) ? Scalar(*v) : fail(Failure::not_finite, id);
      }
      break;
  }
  return fail(Failure::wrong_type, id);
}

Scalar Evaluator::presence(const Node& node) const {
  const std::uint32_t slot = ast_[ast_.child(node, 0)].index;
  return slot < values_.size() && !std::holds_alternative<std::monostate>(values_[slot]);
}

Scalar Evaluator::logical(const Node& node) {
  const Scalar first = value(ast_.child(node, 0));
  if (failed()) return false;
  const bool left = std::get<bool>(first);
  if (node.kind == NodeKind::logical_not) return !left;
  const bool decided = left == (node.kind == NodeKind::logical_or);
  return decided ? Scalar(left) : value(ast_.child(node, 1));
}

// Compares the value with each item from left to right, as `==` does; after the first match nothing
// more is evaluated.
Scalar Evaluator::membership(const Node& node) {
  const Scalar needle = value(ast_.child(node, 0));
  for (std::uint32_t i = 1; i < node.count && !failed(); ++i) {
    const Scalar item = value(ast_.child(node, i));
    if (!failed() && equal(needle, item)) return node.kind == NodeKind::in;
  }
  return node.kind == NodeKind::not_in;
}

Scalar Evaluator::arithmetic_node(NodeId id) {
  const Node& node = ast_[id];
  const Scalar left = value(ast_.child(node, 0));
  const Scalar right = node.count > 1 ? value(ast_.child(node, 1)) : Scalar(false);
  if (failed()) return false;
  Scalar result;
  const ScalarError error = node.kind == NodeKind::negate
                                ? negated(left, result)
                                : arithmetic(node.kind, left, right, result);
  switch (error) {
    case ScalarError::none: return result;
    case ScalarError::overflow: return fail(Failure::overflow, id);
    case ScalarError::division_by_zero: return fail(Failure::division_by_zero, id);
    case ScalarError::not_finite: return fail(Failure::not_finite, id);
  }
  return result;
}

std::optional<std::uint32_t> Evaluator::missing_variable() const {
  if (failure_ != Failure::missing) return std::nullopt;
  return ast_[failed_node_].index;
}

std::string Evaluator::explanation() const {
  const Node& node = ast_[failed_node_];
  const bool is_variable = node.kind == NodeKind::variable;
  const std::string name = is_variable ? ast_.variables[node.index].name : "";
  switch (failure_) {
    case Failure::missing: return "variable '" + name + "' has no value";
    case Failure::wrong_type:
      return "variable '" + name + "' is " + type_name(ast_.variables[node.index].type) +
             ", but its value is " + type_name(values_[node.index]);
    case Failure::not_finite:
      return is_variable ? "the value of '" + name + "' is not finite" : "the result is not finite";
    case Failure::overflow: return "the result does not fit into 64 bits";
    case Failure::division_by_zero: return "division by zero";
    case Failure::none: break;
  }
  return "";
}

Error Evaluator::error(std::string_view text) const {
  const ErrorCode code =
      failure_ == Failure::missing ? ErrorCode::not_found : ErrorCode::invalid_argument;
  return to_error(text, {ast_[failed_node_].span, explanation()}, code);
}

}  // namespace rz::cond
