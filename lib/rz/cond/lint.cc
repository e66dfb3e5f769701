#include "rz/cond/lint.h"

#include <algorithm>
#include <optional>
#include <string>

#include "rz/base/text.h"
#include "rz/cond/evaluator.h"
#include "rz/cond/samples.h"

namespace rz::cond {
namespace {

// Evaluations for one part; a part with more combinations is left alone.
constexpr std::size_t kMaxCombinations = 4096;

class Linter {
 public:
  explicit Linter(const Ast& ast) : ast_(ast), values_(ast.variables.size()) {}

  std::vector<Diagnostic> run() {
    // A condition that is only `true` or `always` is intended.
    if (ast_[ast_.root].kind != NodeKind::literal) visit(ast_.root);
    find_failures(ast_.root);
    std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                     [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; });
    return std::move(diagnostics_);
  }

 private:
  // The smallest parts that have no result for any value. Returns whether all of `id` is constant.
  bool find_failures(NodeId id) {
    const Node& node = ast_[id];
    if (node.kind == NodeKind::literal) return true;
    if (node.kind == NodeKind::variable || node.kind == NodeKind::has) return false;
    const std::size_t told = diagnostics_.size();
    bool constant = true;
    bool last = true;
    for (std::uint32_t i = 0; i < node.count; ++i) {
      last = find_failures(ast_.child(node, i));
      constant = constant && last;
    }
    if (diagnostics_.size() > told || node.type != Type::number) return constant;
    const bool divides = node.kind == NodeKind::divide || node.kind == NodeKind::modulo;
    if (divides && last && is_zero(ast_.child(node, 1))) {
      fails(node, "division by zero");
    } else if (constant) {
      Evaluator evaluator(ast_, {});
      (void)evaluator.value(id);
      if (evaluator.failed()) fails(node, evaluator.explanation());
    }
    return constant;
  }

  bool is_zero(NodeId id) const {
    Evaluator evaluator(ast_, {});
    const Scalar value = evaluator.value(id);
    return !evaluator.failed() && equal(value, Scalar(std::int64_t{0}));
  }

  void fails(const Node& node, const std::string& why) {
    diagnostics_.push_back({node.span, "this fails whatever the values are: " + why});
  }

  void visit(NodeId id) {
    const Node& node = ast_[id];
    if (const auto answer = constant_answer(id)) {
      const std::string part = id == ast_.root ? "the condition" : "this part";
      diagnostics_.push_back(
          {node.span, part + (*answer ? " is always true" : " can never be true")});
      return;
    }
    if (node.kind != NodeKind::logical_and && node.kind != NodeKind::logical_or &&
        node.kind != NodeKind::logical_not) {
      return;
    }
    for (std::uint32_t i = 0; i < node.count; ++i) visit(ast_.child(node, i));
  }

  /// The answer of the part if it is the same whatever the values.
  std::optional<bool> constant_answer(NodeId id) {
    const Samples samples = collect_samples(ast_, id);
    if (!samples.exhaustive) return std::nullopt;
    std::size_t combinations = 1;
    for (const SampledVariable& sampled : samples.variables) {
      combinations *= sampled.samples.size();
      if (combinations > kMaxCombinations) return std::nullopt;
    }
    const auto first = answer_for(id, samples, 0);
    for (std::size_t i = 1; first && i < combinations; ++i) {
      if (answer_for(id, samples, i) != first) return std::nullopt;
    }
    return first;
  }

  /// The answer for the nth combination of samples; nothing if it fails.
  std::optional<bool> answer_for(NodeId id, const Samples& samples, std::size_t n) {
    for (const SampledVariable& sampled : samples.variables) {
      values_[sampled.variable] = sampled.samples[n % sampled.samples.size()].value;
      n /= sampled.samples.size();
    }
    Evaluator evaluator(ast_, values_);
    const Scalar answer = evaluator.value(id);
    if (evaluator.failed()) return std::nullopt;
    return std::get<bool>(answer);
  }

  const Ast& ast_;
  std::vector<ConditionValue> values_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace

std::vector<Diagnostic> lint_words(const Ast& ast, const KnownWords& words) {
  std::vector<Diagnostic> diagnostics;
  const auto variable_of = [&](NodeId id) {
    const Node& node = ast[id];
    return node.kind == NodeKind::variable ? words.find(ast.variables[node.index].name)
                                           : words.end();
  };
  const auto judge = [&](const auto& known, NodeId id) {
    const Node& node = ast[id];
    if (node.kind != NodeKind::literal) return;
    const auto* text = std::get_if<std::string>(&ast.literals[node.index]);
    if (text == nullptr || std::ranges::find(known->second, *text) != known->second.end()) return;
    diagnostics.push_back({node.span, known->first + " is never this value; it is one of " +
                                          join(known->second, ", ") +
                                          suggestion(*text, known->second)});
  };
  for (const Node& node : ast.nodes) {
    const bool equality = node.kind == NodeKind::equal || node.kind == NodeKind::not_equal;
    if (!equality && node.kind != NodeKind::in && node.kind != NodeKind::not_in) continue;
    const NodeId left = ast.child(node, 0);
    if (const auto known = variable_of(left); known != words.end()) {
      for (std::uint32_t i = 1; i < node.count; ++i) judge(known, ast.child(node, i));
    } else if (equality) {
      const auto right = variable_of(ast.child(node, 1));
      if (right != words.end()) judge(right, left);
    }
  }
  std::ranges::stable_sort(diagnostics, {}, [](const Diagnostic& d) { return d.span.begin; });
  return diagnostics;
}

std::vector<Diagnostic> lint(const Ast& ast) { return Linter(ast).run(); }

}  // namespace rz::cond
