#include "rz/cond/program.h"

#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "rz/cond/evaluator.h"

namespace rz {
namespace {

using cond::NodeKind;

constexpr std::int64_t kMinInt = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();
constexpr double kMaxDouble = std::numeric_limits<double>::max();
constexpr double kTwoTo63 = 9223372036854775808.0;

NodeKind mirrored(NodeKind kind) {
  switch (kind) {
    case NodeKind::less: return NodeKind::greater;
    case NodeKind::less_equal: return NodeKind::greater_equal;
    case NodeKind::greater: return NodeKind::less;
    case NodeKind::greater_equal: return NodeKind::less_equal;
    default: return kind;
  }
}

bool is_comparison(NodeKind kind) {
  return kind >= NodeKind::equal && kind <= NodeKind::greater_equal;
}

/// The numbers around a constant, of each type: the greatest not above it and the smallest not
/// below.
struct Neighbours {
  double double_below, double_above;
  // Where no int64 is below (or above) the constant, the flag says so and the value means nothing.
  std::int64_t int_below, int_above;
  bool has_int_below, has_int_above;
};

Neighbours neighbours_of(std::int64_t c) {
  // The conversion rounds to nearest; one step to the other side restores the order.
  const double near = static_cast<double>(c);
  const auto order = cond::compare_numbers(c, near);
  return {order < 0 ? std::nextafter(near, -HUGE_VAL) : near,
          order > 0 ? std::nextafter(near, HUGE_VAL) : near,
          c,
          c,
          true,
          true};
}

Neighbours neighbours_of(double c) {
  const double down = std::floor(c);
  const double up = std::ceil(c);
  const bool below = down >= -kTwoTo63;
  const bool above = up < kTwoTo63;
  return {c,
          c,
          !below             ? 0
          : down >= kTwoTo63 ? kMaxInt
                             : static_cast<std::int64_t>(down),
          !above           ? 0
          : up < -kTwoTo63 ? kMinInt
                           : static_cast<std::int64_t>(up),
          below,
          above};
}

}  // namespace

Program::Program(std::string text, cond::Ast ast) : text_(std::move(text)), ast_(std::move(ast)) {
  entry_ = emit(ast_.root, kTrue, kFalse);
}

// Backwards: a test knows the two it may jump to before it is made.
Program::Target Program::emit(cond::NodeId id, Target on_true, Target on_false) {
  const cond::Node& node = ast_[id];
  switch (node.kind) {
    case NodeKind::logical_not: return emit(ast_.child(node, 0), on_false, on_true);
    case NodeKind::logical_and:
      return emit(ast_.child(node, 0), emit(ast_.child(node, 1), on_true, on_false), on_false);
    case NodeKind::logical_or:
      return emit(ast_.child(node, 0), on_true, emit(ast_.child(node, 1), on_true, on_false));
    case NodeKind::literal: return std::get<bool>(ast_.literals[node.index]) ? on_true : on_false;
    default: return emit_test(id, on_true, on_false);
  }
}

Program::Target Program::emit_test(cond::NodeId id, Target on_true, Target on_false) {
  Test test;
  test.node = id;
  test.on_true = on_true;
  test.on_false = on_false;
  test.is_interval = find_interval(ast_[id], test);
  tests_.push_back(test);
  return static_cast<Target>(tests_.size() - 1);
}

bool Program::find_interval(const cond::Node& node, Test& test) const {
  if (!is_comparison(node.kind)) return false;
  const cond::Node* variable = &ast_[ast_.child(node, 0)];
  const cond::Node* constant = &ast_[ast_.child(node, 1)];
  NodeKind kind = node.kind;
  if (variable->kind == NodeKind::literal) {
    std::swap(variable, constant);
    kind = mirrored(kind);
  }
  if (variable->kind != NodeKind::variable || constant->kind != NodeKind::literal) return false;
  if (variable->type != cond::Type::number || constant->type != cond::Type::number) return false;
  test.slot = variable->index;
  test.interval = interval_of(kind, ast_.literals[constant->index]);
  return true;
}

Program::Interval Program::interval_of(NodeKind kind, const cond::Literal& constant) {
  const auto* integer = std::get_if<std::int64_t>(&constant);
  const Neighbours c =
      integer ? neighbours_of(*integer) : neighbours_of(std::get<double>(constant));
  // `>=` and `<=` are the interval, `<` and `>` its opposite: all values are finite.
  Interval interval{kMinInt, kMaxInt, -kMaxDouble, kMaxDouble, false};
  const auto no_integer = [&] { std::tie(interval.int_low, interval.int_high) = std::pair(1, 0); };
  const bool at_least = kind == NodeKind::greater_equal || kind == NodeKind::less;
  const bool at_most = kind == NodeKind::less_equal || kind == NodeKind::greater;
  if (!at_most) {
    interval.double_low = c.double_above;
    interval.int_low = c.int_above;
    if (!c.has_int_above) no_integer();
  }
  if (!at_least) {
    interval.double_high = c.double_below;
    if (!c.has_int_below) {
      no_integer();
    } else if (interval.int_low <= interval.int_high) {
      interval.int_high = c.int_below;
    }
  }
  interval.outside =
      kind == NodeKind::less || kind == NodeKind::greater || kind == NodeKind::not_equal;
  return interval;
}

Result<bool> Program::evaluate(std::span<const ConditionValue> values) const {
  Target at = entry_;
  while (at >= 0) {
    const Test& test = tests_[static_cast<std::size_t>(at)];
    bool holds;
    if (test.is_interval && test.slot < values.size()) [[likely]] {
      const Interval& in = test.interval;
      const ConditionValue& value = values[test.slot];
      if (const auto* d = std::get_if<double>(&value); d && std::fabs(*d) <= kMaxDouble) {
        holds = ((*d >= in.double_low) & (*d <= in.double_high)) != in.outside;
        at = holds ? test.on_true : test.on_false;
        continue;
      }
      if (const auto* i = std::get_if<std::int64_t>(&value)) {
        holds = ((*i >= in.int_low) & (*i <= in.int_high)) != in.outside;
        at = holds ? test.on_true : test.on_false;
        continue;
      }
    }
    // Everything that is no plain comparison, and every error.
    cond::Evaluator evaluator(ast_, values);
    holds = std::get<bool>(evaluator.value(test.node));
    if (evaluator.failed()) return fail(evaluator.error(text_));
    at = holds ? test.on_true : test.on_false;
  }
  return at == kTrue;
}

}  // namespace rz
