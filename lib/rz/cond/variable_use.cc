#include "rz/cond/variable_use.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "rz/base/text.h"
#include "rz/cond/ast.h"
#include "rz/cond/diagnostic.h"
#include "rz/cond/lexer.h"
#include "rz/cond/parser.h"
#include "rz/cond/token.h"

namespace rz::cond {
namespace {

bool is_comparison(TokenKind kind) {
  switch (kind) {
    case TokenKind::equal:
    case TokenKind::not_equal:
    case TokenKind::less:
    case TokenKind::less_equal:
    case TokenKind::greater:
    case TokenKind::greater_equal: return true;
    default: return false;
  }
}

// By what a name is compared with: `NAME == "x"`, `NAME in ["x"]`, `"x" == NAME`.
VariableType likely_type(std::span<const Token> before, std::span<const Token> behind) {
  const auto literal = [](std::span<const Token> tokens, std::size_t at) {
    return at < tokens.size() ? tokens[at].kind : TokenKind::end;
  };
  const std::size_t list = behind.size() > 1 && behind[1].kind == TokenKind::left_bracket ? 2 : 1;
  const TokenKind right = literal(behind, list);
  const TokenKind left = before.size() > 1 ? before[before.size() - 2].kind : TokenKind::end;
  const auto compared = [](std::span<const Token> tokens, bool last) {
    if (tokens.empty()) return false;
    const TokenKind kind = last ? tokens.back().kind : tokens.front().kind;
    return is_comparison(kind) || kind == TokenKind::kw_in;
  };
  for (const auto& [kind, is_compared] :
       {std::pair(right, compared(behind, false)), std::pair(left, compared(before, true))}) {
    if (is_compared && kind == TokenKind::string) return VariableType::string;
    if (is_compared && (kind == TokenKind::kw_true || kind == TokenKind::kw_false)) {
      return VariableType::boolean;
    }
  }
  return VariableType::number;
}

}  // namespace

std::vector<Variable> unknown_variables(std::string_view text, const ConditionOptions& options) {
  std::vector<Diagnostic> ignored;
  const std::vector<Token> all =
      lex(text.substr(0, kTextBytesMax), std::min(options.max_tokens, kTokenCeiling), ignored);
  // What the lexer left out would look like a missing operand, and its parts like names.
  if (!ignored.empty()) return {};
  const std::span<const Token> tokens(all);
  std::vector<std::string> known;
  for (const Variable& variable : options.variables) known.push_back(variable.name);
  std::vector<Variable> unknown;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Span span = tokens[i].span;
    const std::string_view token = text.substr(span.begin, span.end - span.begin);
    const bool has = token == "has" && tokens[i + 1].kind == TokenKind::name;
    if (tokens[i].kind != TokenKind::name || has) continue;
    const std::string name = name_of(token);
    const bool word = !token.starts_with('`') && is_word(to_lower(token));
    if (name.empty() || word || nearest(name, known)) continue;
    const bool seen = std::any_of(unknown.begin(), unknown.end(),
                                  [&](const Variable& other) { return other.name == name; });
    if (!seen) unknown.push_back({name, likely_type(tokens.first(i), tokens.subspan(i + 1))});
  }
  return unknown;
}

std::vector<bool> needed_variables(const Condition& condition) {
  // Parsed once more, as the tree is the condition's own.
  const auto variables = condition.variables();
  std::vector<Diagnostic> ignored;
  const Ast ast =
      parse(condition.text(), {{variables.begin(), variables.end()}, kTokenCeiling}, ignored);
  std::vector<bool> needed(variables.size(), true);
  for (const Node& node : ast.nodes) {
    if (node.kind == NodeKind::has) needed[ast[ast.child(node, 0)].index] = false;
  }
  return needed;
}

}  // namespace rz::cond
