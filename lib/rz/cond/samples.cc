#include "rz/cond/samples.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "rz/cond/evaluator.h"
#include "rz/cond/scalar.h"

namespace rz::cond {
namespace {

using Relation = Sample::Relation;

constexpr std::int64_t kMinInt = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();

std::optional<double> finite(double value) {
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

class Collector {
 public:
  explicit Collector(const Ast& ast)
      : ast_(ast), used_(ast.variables.size()), constants_(ast.variables.size()) {}

  Samples run(NodeId part) {
    visit(part);
    for (std::uint32_t i = 0; i < used_.size(); ++i) {
      if (used_[i]) samples_.variables.push_back(sample(i));
    }
    return std::move(samples_);
  }

 private:
  void visit(NodeId id) {
    const Node& node = ast_[id];
    if (node.kind == NodeKind::variable) used_[node.index] = true;
    // All samples are values; that there is none is not among them.
    if (node.kind == NodeKind::has) samples_.exhaustive = false;
    if (node.kind == NodeKind::literal || node.kind == NodeKind::variable) return;
    const bool compares = node.kind >= NodeKind::equal;
    for (std::uint32_t i = 0; i < node.count; ++i) {
      visit(ast_.child(node, i));
      if (compares && i > 0) compare(ast_.child(node, 0), ast_.child(node, i));
    }
  }

  void compare(NodeId left, NodeId right) {
    const bool constant_left = is_constant(left);
    const bool constant_right = is_constant(right);
    if (constant_left && constant_right) return;
    if (constant_left) std::swap(left, right);
    const Node& node = ast_[left];
    if (node.type != ast_[right].type || node.type == Type::boolean) return;
    if (node.kind != NodeKind::variable || !(constant_left || constant_right)) {
      samples_.exhaustive = false;
    } else if (auto value = value_of(right)) {
      constants_[node.index].push_back(*value);
    }
  }

  bool is_constant(NodeId id) const {
    const Node& node = ast_[id];
    if (node.kind == NodeKind::variable) return false;
    if (node.kind == NodeKind::literal) return true;
    for (std::uint32_t i = 0; i < node.count; ++i) {
      if (!is_constant(ast_.child(node, i))) return false;
    }
    return true;
  }

  // The value of a constant part; nothing if it fails, as `1 / 0` does.
  std::optional<ConditionValue> value_of(NodeId id) const {
    Evaluator evaluator(ast_, {});
    const Scalar scalar = evaluator.value(id);
    if (evaluator.failed()) return std::nullopt;
    return std::visit([](auto value) { return ConditionValue(value); }, scalar);
  }

  SampledVariable sample(std::uint32_t variable) const {
    SampledVariable sampled{variable, {}, {}};
    switch (ast_.variables[variable].type) {
      case VariableType::boolean:
        for (bool value : {true, false}) sampled.samples.push_back({value, value});
        break;
      case VariableType::string: sample_strings(sampled); break;
      case VariableType::number:
      case VariableType::integer: sample_numbers(sampled); break;
    }
    return sampled;
  }

  // Whatever lies between two strings begins right behind the lower one; nothing lies below "".
  void sample_strings(SampledVariable& sampled) const {
    std::string_view lowest = "";
    sampled.samples.push_back({lowest, {}, Relation::any});
    for (const ConditionValue& constant : constants_[sampled.variable]) {
      const auto text = std::get<std::string_view>(constant);
      sampled.samples.push_back({constant, constant});
      sampled.strings.push_front(std::string(text) + '\0');
      const std::string_view above = sampled.strings.front();
      sampled.samples.push_back({above, constant, Relation::above});
    }
  }

  void sample_numbers(SampledVariable& sampled) const {
    const auto add = [&](const auto& value, const ConditionValue& constant, Relation relation) {
      if (value) sampled.samples.push_back({*value, constant, relation});
    };
    for (const ConditionValue& constant : constants_[sampled.variable]) {
      const auto* integer = std::get_if<std::int64_t>(&constant);
      const Around near = integer ? around(*integer) : around(std::get<double>(constant));
      sampled.samples.push_back({constant, constant});
      add(near.int_below, constant, Relation::below);
      add(near.double_below, constant, Relation::below);
      add(near.int_above, constant, Relation::above);
      add(near.double_above, constant, Relation::above);
    }
    // The variable is compared with nothing of its type, so one value stands for all.
    if (sampled.samples.empty()) sampled.samples.push_back({std::int64_t{0}, {}, Relation::any});
  }

  const Ast& ast_;
  std::vector<bool> used_;
  std::vector<std::vector<ConditionValue>> constants_;
  Samples samples_;
};

}  // namespace

Around around(std::int64_t c) {
  const double near = static_cast<double>(c);
  const auto order = compare_numbers(c, near);
  Around result;
  result.double_below = order > 0 ? near : std::nextafter(near, -HUGE_VAL);
  result.double_above = order < 0 ? near : std::nextafter(near, HUGE_VAL);
  if (c != kMinInt) result.int_below = c - 1;
  if (c != kMaxInt) result.int_above = c + 1;
  return result;
}

Around around(double c) {
  Around result;
  result.double_below = finite(std::nextafter(c, -HUGE_VAL));
  result.double_above = finite(std::nextafter(c, HUGE_VAL));
  if (c >= kTwoTo63) {
    result.int_below = kMaxInt;
  } else if (c > -kTwoTo63) {
    result.int_below = static_cast<std::int64_t>(std::ceil(c)) - 1;
  }
  if (c < -kTwoTo63) {
    result.int_above = kMinInt;
  } else if (c < kTwoTo63 && static_cast<std::int64_t>(std::floor(c)) != kMaxInt) {
    result.int_above = static_cast<std::int64_t>(std::floor(c)) + 1;
  }
  return result;
}

Samples collect_samples(const Ast& ast, NodeId part) { return Collector(ast).run(part); }

}  // namespace rz::cond
