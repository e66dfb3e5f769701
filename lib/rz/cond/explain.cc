#include "rz/cond/explain.h"

#include <algorithm>
#include <utility>

#include "rz/cond/answer_change.h"
#include "rz/cond/compiled_condition.h"
#include "rz/cond/evaluator.h"

namespace rz {
namespace {

using cond::Node;
using cond::NodeId;
using cond::NodeKind;
using State = ExplainedPart::State;

std::string text_of(const cond::Scalar& value) {
  return to_string(std::visit([](auto v) { return ConditionValue(v); }, value));
}

class Explainer {
 public:
  Explainer(const cond::CompiledCondition& program, std::span<const ConditionValue> values)
      : program_(program), ast_(program.ast()), values_(values) {}

  Explanation run() {
    Explanation explanation;
    explanation.root = explain(ast_.root);
    explanation.error = std::move(error_);
    if (explanation.root.state == State::answered) {
      explanation.change = cond::find_answer_change(ast_, values_, explanation.root.answer);
    }
    return explanation;
  }

 private:
  ExplainedPart explain(NodeId id) {
    ExplainedPart part;
    part.text = print(ast_, id);
    switch (ast_[id].kind) {
      case NodeKind::logical_and:
      case NodeKind::logical_or: explain_chain(id, part); break;
      case NodeKind::logical_not: explain_not(id, part); break;
      default: explain_test(id, part);
    }
    return part;
  }

  // `a and b and c` is one operation of three parts, though the tree nests it.
  std::vector<NodeId> chain(NodeId id) const {
    const NodeKind kind = ast_[id].kind;
    std::vector<NodeId> operands;
    for (; ast_[id].kind == kind; id = ast_.child(ast_[id], 0)) {
      operands.push_back(ast_.child(ast_[id], 1));
    }
    operands.push_back(id);
    std::reverse(operands.begin(), operands.end());
    return operands;
  }

  void explain_chain(NodeId id, ExplainedPart& part) {
    const bool deciding = ast_[id].kind == NodeKind::logical_or;
    part.operation = cond::spelling(ast_[id].kind);
    part.state = State::answered;
    part.answer = !deciding;
    bool over = false;
    for (NodeId operand : chain(id)) {
      if (over) {
        part.parts.push_back({});
        part.parts.back().text = print(ast_, operand);
        continue;
      }
      part.parts.push_back(explain(operand));
      ExplainedPart& child = part.parts.back();
      child.decides = child.state == State::answered && child.answer == deciding;
      if (child.decides) part.answer = deciding;
      if (child.state == State::failed) part.state = State::failed;
      over = child.decides || child.state == State::failed;
    }
  }

  void explain_not(NodeId id, ExplainedPart& part) {
    part.operation = "not";
    part.parts.push_back(explain(ast_.child(ast_[id], 0)));
    part.state = part.parts.front().state;
    part.answer = !part.parts.front().answer;
  }

  void explain_test(NodeId id, ExplainedPart& part) {
    cond::Evaluator evaluator(ast_, values_);
    const cond::Scalar value = evaluator.value(id);
    if (evaluator.failed()) {
      part.state = State::failed;
      error_ = evaluator.error(program_.text());
    } else {
      part.state = State::answered;
      part.answer = std::get<bool>(value);
    }
    add_operands(id, part);
  }

  // The variables first, in order of the text, then what was computed from them.
  void add_operands(NodeId id, ExplainedPart& part) const {
    add_variables(id, part);
    const Node& node = ast_[id];
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const NodeId child = ast_.child(node, i);
      if (ast_[child].kind == NodeKind::literal || ast_[child].kind == NodeKind::variable) continue;
      cond::Evaluator evaluator(ast_, values_);
      const cond::Scalar value = evaluator.value(child);
      if (!evaluator.failed()) part.operands.push_back({print(ast_, child), text_of(value)});
    }
  }

  void add_variables(NodeId id, ExplainedPart& part) const {
    const Node& node = ast_[id];
    if (node.kind == NodeKind::variable) {
      const std::string& name = ast_.variables[node.index].name;
      const bool known = std::any_of(part.operands.begin(), part.operands.end(),
                                     [&](const auto& operand) { return operand.text == name; });
      if (!known) part.operands.push_back({name, to_string(values_[node.index])});
    }
    if (node.kind == NodeKind::variable || node.kind == NodeKind::literal) return;
    for (std::uint32_t i = 0; i < node.count; ++i) add_variables(ast_.child(node, i), part);
  }

  const cond::CompiledCondition& program_;
  const cond::Ast& ast_;
  std::span<const ConditionValue> values_;
  std::optional<Error> error_;
};

}  // namespace

Explanation explain(const Condition& condition, const ConditionContext& context) {
  std::vector<ConditionValue> values;
  for (const Variable& variable : condition.variables()) {
    values.push_back(context.get(variable.name));
  }
  return Explainer(*condition.program_, values).run();
}

Explanation with_missing_as_false(Explanation explanation) {
  if (!explanation.error || explanation.error->code != ErrorCode::not_found) return explanation;
  explanation.missing = std::exchange(explanation.error, std::nullopt);
  explanation.root.state = State::answered;
  explanation.root.answer = false;
  return explanation;
}

}  // namespace rz
