#include "rz/cond/compiled_condition.h"

#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "rz/cond/evaluator.h"

namespace rz::cond {
namespace {

constexpr std::int64_t kMinInt = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();
constexpr double kMaxDouble = std::numeric_limits<double>::max();

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
  const auto order = compare_numbers(c, near);
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

CompiledCondition::CompiledCondition(std::string text, Ast ast)
    : text_(std::move(text)), ast_(std::move(ast)), slots_(ast_.variables.size()) {
  plain_tests_.reserve(slots_);
  entry_ = emit(ast_.root, kTrue, kFalse);
}

// Built from the last test to the first: the two targets of a test are known when it is made.
CompiledCondition::Target CompiledCondition::emit(NodeId id, Target on_true, Target on_false) {
  const Node& node = ast_[id];
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

CompiledCondition::Target CompiledCondition::emit_test(NodeId id, Target on_true, Target on_false) {
  const Test test{id, on_true, on_false};
  if (auto plain = plain_test(ast_[id])) {
    plain->test = test;
    plain->on_inside = plain->interval.outside ? on_false : on_true;
    plain->on_outside = plain->interval.outside ? on_true : on_false;
    plain_tests_.push_back(*plain);
    return static_cast<Target>(plain_tests_.size() - 1);
  }
  other_tests_.push_back(test);
  return kOther - static_cast<Target>(other_tests_.size() - 1);
}

std::optional<CompiledCondition::PlainTest> CompiledCondition::plain_test(const Node& node) const {
  if (!is_comparison(node.kind)) return std::nullopt;
  const Node* variable = &ast_[ast_.child(node, 0)];
  const Node* constant = &ast_[ast_.child(node, 1)];
  NodeKind kind = node.kind;
  if (variable->kind == NodeKind::literal) {
    std::swap(variable, constant);
    kind = mirrored(kind);
  }
  if (variable->kind != NodeKind::variable || constant->kind != NodeKind::literal ||
      variable->type != Type::number || constant->type != Type::number) {
    return std::nullopt;
  }
  return PlainTest{
      interval_of(kind, ast_.literals[constant->index]), variable->index, kTrue, kFalse, {}};
}

CompiledCondition::Interval CompiledCondition::interval_of(NodeKind kind, const Literal& constant) {
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

// Inlined, and separate from the slow path, so that the fast path is a loop without calls.
[[gnu::always_inline]] inline CompiledCondition::Target CompiledCondition::run_plain_tests(
    Target at, const ConditionValue* values) const {
  const PlainTest* const tests = plain_tests_.data();
  while (at >= 0) {
    const PlainTest& plain = tests[at];
    const Interval& in = plain.interval;
    const ConditionValue& value = values[plain.slot];
    bool inside;
    if (std::holds_alternative<double>(value)) {
      const double d = std::get<double>(value);
      inside = (d >= in.double_low) & (d <= in.double_high);
      if (!inside && !(std::fabs(d) <= kMaxDouble)) break;
    } else if (std::holds_alternative<std::int64_t>(value)) {
      const std::int64_t i = std::get<std::int64_t>(value);
      inside = (i >= in.int_low) & (i <= in.int_high);
    } else {
      break;
    }
    at = plain.on_outside;
    // A branch, where a compiler would prefer a conditional move: with a branch the processor can
    // predict the next test instead of waiting for this one.
    if (__builtin_expect_with_probability(inside, 1, 0.99)) at = plain.on_inside;
  }
  return at;
}

Result<bool> CompiledCondition::evaluate(std::span<const ConditionValue> values) const {
  // With too few values the others count as missing, which only the slow path reports.
  if (values.size() < slots_) [[unlikely]]
    return evaluate_from(entry_, values);
  const Target at = run_plain_tests(entry_, values.data());
  if (at >= 0 || at <= kOther) [[unlikely]]
    return evaluate_from(at, values);
  return at == kTrue;
}

// Everything that is not a plain comparison, and every error.
[[gnu::noinline]] Result<bool> CompiledCondition::evaluate_from(
    Target at, std::span<const ConditionValue> values) const {
  while (at >= 0 || at <= kOther) {
    const Test& test = at >= 0 ? plain_tests_[static_cast<std::size_t>(at)].test
                               : other_tests_[static_cast<std::size_t>(kOther - at)];
    Evaluator evaluator(ast_, values);
    const bool holds = std::get<bool>(evaluator.value(test.node));
    if (evaluator.failed()) return fail(evaluator.error(text_));
    at = holds ? test.on_true : test.on_false;
    if (values.size() >= slots_) at = run_plain_tests(at, values.data());
  }
  return at == kTrue;
}

}  // namespace rz::cond

namespace rz {

// Here, not in condition.cc, so that it becomes one function with the evaluation.
[[gnu::flatten]] Result<bool> Condition::evaluate(std::span<const ConditionValue> values) const {
  return program_->evaluate(values);
}

}  // namespace rz
