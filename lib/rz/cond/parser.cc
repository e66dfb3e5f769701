#include "rz/cond/parser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "rz/base/text.h"
#include "rz/cond/character.h"
#include "rz/cond/lexer.h"
#include "rz/cond/unit_literal.h"

namespace rz::cond {
namespace {

const char* describe(Type type) {
  switch (type) {
    case Type::boolean: return "true or false";
    case Type::number: return "a number";
    case Type::string: return "a string";
  }
  return "";
}

Type type_of(VariableType type) {
  switch (type) {
    case VariableType::string: return Type::string;
    case VariableType::boolean: return Type::boolean;
    case VariableType::number:
    case VariableType::integer: break;
  }
  return Type::number;
}

std::optional<NodeKind> comparison_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::equal: return NodeKind::equal;
    case TokenKind::not_equal: return NodeKind::not_equal;
    case TokenKind::less: return NodeKind::less;
    case TokenKind::less_equal: return NodeKind::less_equal;
    case TokenKind::greater: return NodeKind::greater;
    case TokenKind::greater_equal: return NodeKind::greater_equal;
    default: return std::nullopt;
  }
}

std::optional<NodeKind> sum_of(TokenKind kind) {
  if (kind == TokenKind::plus) return NodeKind::add;
  if (kind == TokenKind::minus) return NodeKind::subtract;
  return std::nullopt;
}

std::optional<NodeKind> product_of(TokenKind kind) {
  if (kind == TokenKind::star) return NodeKind::multiply;
  if (kind == TokenKind::slash) return NodeKind::divide;
  if (kind == TokenKind::percent) return NodeKind::modulo;
  return std::nullopt;
}

bool is_equality(NodeKind kind) { return kind == NodeKind::equal || kind == NodeKind::not_equal; }

/// Never leaves this file: after a syntax error the rest cannot be checked.
struct SyntaxError {};

class Parser {
 public:
  Parser(std::string_view text, const ConditionOptions& options,
         std::vector<Diagnostic>& diagnostics)
      : text_(text), options_(options), diagnostics_(diagnostics) {}

  Ast run() {
    if (text_.size() > kTextBytesMax) {
      report({0, 0}, "the condition is longer than 1 MiB");
      return {};
    }
    tokens_ = lex(text_, std::min(options_.max_tokens, kTokenCeiling), diagnostics_);
    if (diagnostics_.empty()) {
      parse_tokens();
    } else {
      // What the lexer left out would be reported again, wrongly, as a missing operand.
      check_rest_of_names();
    }
    std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                     [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; });
    return std::move(ast_);
  }

 private:
  void parse_tokens() {
    if (is_always()) {
      ast_.root = literal(true, tokens_[0].span);
      return;
    }
    reserve();
    try {
      ast_.root = parse_or();
      if (current().kind != TokenKind::end) left_over();
      require(ast_.root, Type::boolean, "a condition");
    } catch (const SyntaxError&) {
      check_rest_of_names();
    }
  }

  // A vector that grows costs more than all of the parsing.
  void reserve() {
    const auto count = [&](auto... kinds) {
      return static_cast<std::size_t>(
          std::count_if(tokens_.begin(), tokens_.end(),
                        [&](const Token& token) { return ((token.kind == kinds) || ...); }));
    };
    ast_.nodes.reserve(tokens_.size());
    ast_.children.reserve(tokens_.size());
    ast_.variables.reserve(std::min(count(TokenKind::name), options_.variables.size()));
    ast_.literals.reserve(
        count(TokenKind::number, TokenKind::string, TokenKind::kw_true, TokenKind::kw_false));
  }

  bool is_always() const {
    return tokens_.size() == 2 && tokens_[0].kind == TokenKind::name &&
           equals_ignore_case(text_of(tokens_[0]), "always");
  }

  // ---- Tokens

  const Token& current() const { return tokens_[at_]; }
  const Token& next() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  std::string_view text_of(const Token& token) const {
    return text_.substr(token.span.begin, token.span.end - token.span.begin);
  }
  Token take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool accept(TokenKind kind) {
    if (current().kind != kind) return false;
    take();
    return true;
  }

  void report(Span span, std::string message) {
    diagnostics_.push_back({span, std::move(message)});
  }

  [[noreturn]] void unexpected(const char* wanted) {
    const Token& token = current();
    std::string message;
    if (token.kind == TokenKind::end) {
      message =
          at_ == 0 ? "the condition is empty" : std::string("expected ") + wanted + ", got the end";
    } else {
      message =
          std::string("expected ") + wanted + ", got '" + printable(text_of(token)) + "'" + hint();
    }
    report(token.span, std::move(message));
    throw SyntaxError{};
  }

  [[noreturn]] void left_over() {
    const bool unopened = current().kind == TokenKind::right_paren;
    report(current().span, "unexpected '" + printable(text_of(current())) +
                               "' after the end of the condition" +
                               (unopened ? "; no '(' matches it" : hint()));
    throw SyntaxError{};
  }

  // Advice for common mistakes.
  std::string hint() const {
    const bool after_less = at_ > 0 && tokens_[at_ - 1].kind == TokenKind::less;
    if (current().kind == TokenKind::greater && after_less) return "; write '!=' instead of '<>'";
    if (current().kind != TokenKind::name) return "";
    const std::string word = to_lower(text_of(current()));
    if (word == "and" || word == "or" || word == "not" || word == "in") {
      return "; write '" + word + "' in lower case";
    }
    return "";
  }

  // ---- Nodes

  NodeId add(NodeKind kind, Type type, Span span, std::initializer_list<NodeId> children) {
    Node node{kind, type, span, static_cast<std::uint32_t>(ast_.children.size()),
              static_cast<std::uint32_t>(children.size())};
    ast_.children.insert(ast_.children.end(), children);
    ast_.nodes.push_back(node);
    return static_cast<NodeId>(ast_.nodes.size() - 1);
  }

  NodeId literal(Literal value, Span span) {
    const Type type = std::holds_alternative<bool>(value)          ? Type::boolean
                      : std::holds_alternative<std::string>(value) ? Type::string
                                                                   : Type::number;
    ast_.literals.push_back(std::move(value));
    ast_.nodes.push_back(
        {NodeKind::literal, type, span, static_cast<std::uint32_t>(ast_.literals.size() - 1), 0});
    return static_cast<NodeId>(ast_.nodes.size() - 1);
  }

  Span cover(NodeId left, NodeId right) const {
    return {ast_[left].span.begin, ast_[right].span.end};
  }

  // The placeholder of an unknown name, which was reported already, has no width.
  bool is_unknown(NodeId id) const { return ast_[id].span.begin == ast_[id].span.end; }

  // An operand of a wrong type is reported, and parsing goes on, to find more errors.
  void require(NodeId id, Type type, const char* who) {
    const Node& node = ast_[id];
    if (node.type == type || is_unknown(id)) return;
    std::string message =
        std::string(who) + " must be " + describe(type) + ", but this is " + describe(node.type);
    if (type == Type::boolean && node.kind == NodeKind::variable) {
      message +=
          "; compare it: '" + print(ast_, id) + (node.type == Type::string ? " != \"\"'" : " > 0'");
    }
    report(node.span, std::move(message));
  }

  // ---- Grammar

  NodeId parse_or() {
    NodeId left = parse_and();
    while (accept(TokenKind::kw_or)) left = logical(NodeKind::logical_or, left, parse_and());
    return left;
  }

  NodeId parse_and() {
    NodeId left = parse_not();
    while (accept(TokenKind::kw_and)) left = logical(NodeKind::logical_and, left, parse_not());
    return left;
  }

  NodeId logical(NodeKind kind, NodeId left, NodeId right) {
    const char* who = kind == NodeKind::logical_and ? "an operand of 'and'" : "an operand of 'or'";
    require(left, Type::boolean, who);
    require(right, Type::boolean, who);
    return add(kind, Type::boolean, cover(left, right), {left, right});
  }

  NodeId parse_not() {
    const Token token = current();
    if (!accept(TokenKind::kw_not)) return parse_comparison();
    const NodeId operand = parse_not();
    require(operand, Type::boolean, "the operand of 'not'");
    return add(NodeKind::logical_not, Type::boolean, {token.span.begin, ast_[operand].span.end},
               {operand});
  }

  NodeId parse_comparison() {
    const NodeId left = parse_sum();
    if (const auto kind = comparison_of(current().kind)) return compare(*kind, left);
    if (current().kind == TokenKind::kw_in) return membership(NodeKind::in, left);
    if (current().kind == TokenKind::kw_not && next().kind == TokenKind::kw_in) {
      take();
      return membership(NodeKind::not_in, left);
    }
    return left;
  }

  NodeId compare(NodeKind kind, NodeId left) {
    const Token op = take();
    const NodeId right = parse_sum();
    if (comparison_of(current().kind)) {
      report(current().span, "comparisons do not chain; write 'a < b and b < c'");
      throw SyntaxError{};
    }
    if (!is_equality(kind)) check_order(op, left, right);
    return add(kind, Type::boolean, cover(left, right), {left, right});
  }

  void check_order(const Token& op, NodeId left, NodeId right) {
    const Type a = ast_[left].type;
    const Type b = ast_[right].type;
    if ((a == b && a != Type::boolean) || is_unknown(left) || is_unknown(right)) return;
    const std::string symbol(text_of(op));
    report(cover(left, right),
           a == b ? "'" + symbol + "' cannot order true and false"
                  : "'" + symbol + "' cannot order " + describe(a) + " and " + describe(b));
  }

  NodeId membership(NodeKind kind, NodeId left) {
    take();
    if (!accept(TokenKind::left_bracket)) unexpected("'[' and a list");
    std::vector<NodeId> children = {left};
    do {
      children.push_back(parse_sum());
    } while (accept(TokenKind::comma));
    const Token close = current();
    if (!accept(TokenKind::right_bracket)) unexpected("',' or ']'");
    const NodeId id = add(kind, Type::boolean, {ast_[left].span.begin, close.span.end}, {});
    ast_.nodes[id].count = static_cast<std::uint32_t>(children.size());
    ast_.children.insert(ast_.children.end(), children.begin(), children.end());
    return id;
  }

  NodeId parse_sum() {
    NodeId left = parse_product();
    while (const auto kind = sum_of(current().kind)) {
      take();
      left = arithmetic(*kind, left, parse_product());
    }
    return left;
  }

  NodeId parse_product() {
    NodeId left = parse_unary();
    while (const auto kind = product_of(current().kind)) {
      take();
      left = arithmetic(*kind, left, parse_unary());
    }
    return left;
  }

  NodeId arithmetic(NodeKind kind, NodeId left, NodeId right) {
    const std::string who = std::string("an operand of '") + spelling(kind) + "'";
    require(left, Type::number, who.c_str());
    require(right, Type::number, who.c_str());
    return add(kind, Type::number, cover(left, right), {left, right});
  }

  NodeId parse_unary() {
    const Token minus = current();
    if (!accept(TokenKind::minus)) return parse_atom();
    // The sign belongs to the literal: -9223372036854775808 has no positive counterpart.
    if (current().kind == TokenKind::number) return number(minus.span.begin);
    const NodeId operand = parse_unary();
    require(operand, Type::number, "the operand of '-'");
    return add(NodeKind::negate, Type::number, {minus.span.begin, ast_[operand].span.end},
               {operand});
  }

  NodeId parse_atom() {
    const Token token = current();
    switch (token.kind) {
      case TokenKind::number: return number(token.span.begin);
      case TokenKind::string:
        take();
        return literal(unquote(text_, token.span, diagnostics_), token.span);
      case TokenKind::kw_true:
      case TokenKind::kw_false:
        take();
        return literal(token.kind == TokenKind::kw_true, token.span);
      case TokenKind::name: take(); return named(token);
      case TokenKind::left_paren: return parenthesized();
      default: unexpected("a value");
    }
  }

  NodeId parenthesized() {
    const Token open = take();
    const NodeId inner = parse_or();
    if (current().kind == TokenKind::end) {
      report(open.span, "this '(' is not closed");
      throw SyntaxError{};
    }
    if (!accept(TokenKind::right_paren)) unexpected("')'");
    return inner;
  }

  NodeId number(std::uint32_t begin) {
    const Token token = take();
    const Span span{begin, token.span.end};
    const std::string_view digits = text_of(token);
    const bool negative = begin != token.span.begin;
    if (is_alpha(digits.back())) {
      Literal value = *read_unit_literal(digits);
      auto* const integer = std::get_if<std::int64_t>(&value);
      auto* const decimal = std::get_if<double>(&value);
      if (negative && integer != nullptr) *integer = -*integer;
      if (negative && decimal != nullptr) *decimal = -*decimal;
      return literal(std::move(value), span);
    }
    std::string signed_text = negative ? "-" : "";
    signed_text += digits;
    if (digits.find_first_of(".eE") == std::string_view::npos) {
      if (const auto value = parse_int(signed_text)) return literal(*value, span);
      report(span, "the integer is out of range (-2^63 to 2^63-1); write it with a decimal point");
    } else {
      if (const auto value = parse_double(signed_text)) return literal(*value, span);
      report(span, "the number is out of the range of a double");
    }
    return literal(std::int64_t{0}, span);
  }

  NodeId named(const Token& token) {
    const bool has = text_of(token) == "has";
    if (has && current().kind == TokenKind::name) return presence(token);
    if (current().kind == TokenKind::left_paren) {
      report({token.span.begin, current().span.end},
             has ? "write 'has NAME' without parentheses" : "functions cannot be called");
      throw SyntaxError{};
    }
    return variable(token);
  }

  NodeId presence(const Token& has) {
    const NodeId operand = variable(take());
    if (is_unknown(operand)) return operand;
    return add(NodeKind::has, Type::boolean, {has.span.begin, ast_[operand].span.end}, {operand});
  }

  NodeId variable(const Token& token) {
    const std::string name = name_of(text_of(token));
    const auto& allowed = options_.variables;
    const auto known = std::find_if(allowed.begin(), allowed.end(),
                                    [&](const Variable& v) { return v.name == name; });
    if (known == allowed.end()) {
      report(token.span, unknown_name(text_of(token)));
      return literal(false, {token.span.begin, token.span.begin});
    }
    auto& used = ast_.variables;
    const auto seen =
        std::find_if(used.begin(), used.end(), [&](const Variable& v) { return v.name == name; });
    const auto index = static_cast<std::uint32_t>(seen - used.begin());
    if (seen == used.end()) used.push_back(*known);
    ast_.nodes.push_back({NodeKind::variable, type_of(known->type), token.span, index, 0});
    return static_cast<NodeId>(ast_.nodes.size() - 1);
  }

  std::string unknown_name(std::string_view token) const {
    const std::string name = name_of(token);
    const std::string lower = to_lower(token);
    if (lower == "always") return "'always' must be the whole condition";
    static constexpr std::string_view kWords[] = {"and", "or", "not", "in", "true", "false"};
    for (std::string_view word : kWords) {
      if (lower == word) {
        return "unknown variable '" + name + "'; write '" + lower + "' in lower case";
      }
    }
    std::vector<std::string> names;
    for (const Variable& variable : options_.variables) names.push_back(variable.name);
    std::string message = "unknown variable '" + visible(name) + "'";
    const std::string near = suggestion(name, names);
    if (!near.empty() || names.empty()) return message + near;
    return message + "; known: " + join(names, ", ");
  }

  // Even with a syntax error, names can still be checked.
  void check_rest_of_names() {
    for (std::size_t i = at_; i < tokens_.size(); ++i) {
      if (tokens_[i].kind != TokenKind::name) continue;
      if (is_has(i)) continue;
      const std::string name = name_of(text_of(tokens_[i]));
      const bool known = std::any_of(options_.variables.begin(), options_.variables.end(),
                                     [&](const Variable& v) { return v.name == name; });
      const bool told =
          !diagnostics_.empty() && diagnostics_.back().span.begin == tokens_[i].span.begin;
      if (!known && !told) report(tokens_[i].span, unknown_name(text_of(tokens_[i])));
    }
  }

  bool is_has(std::size_t i) const {
    return text_of(tokens_[i]) == "has" && i + 1 < tokens_.size() &&
           tokens_[i + 1].kind == TokenKind::name;
  }

  std::string_view text_;
  const ConditionOptions& options_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  Ast ast_;
};

}  // namespace

Ast parse(std::string_view text, const ConditionOptions& options,
          std::vector<Diagnostic>& diagnostics) {
  return Parser(text, options, diagnostics).run();
}

}  // namespace rz::cond
