#include "rz/cond/ast.h"

#include <cmath>

#include "rz/base/text.h"
#include "rz/cond/lexer.h"

namespace rz::cond {
namespace {

// Binding strength, weakest first: or, and, not, comparison, sum, product, unary minus, atom.
int strength(const Ast& ast, const Node& node) {
  switch (node.kind) {
    case NodeKind::logical_or: return 1;
    case NodeKind::logical_and: return 2;
    case NodeKind::logical_not: return 3;
    case NodeKind::equal:
    case NodeKind::not_equal:
    case NodeKind::less:
    case NodeKind::less_equal:
    case NodeKind::greater:
    case NodeKind::greater_equal:
    case NodeKind::in:
    case NodeKind::not_in: return 4;
    case NodeKind::add:
    case NodeKind::subtract: return 5;
    case NodeKind::multiply:
    case NodeKind::divide:
    case NodeKind::modulo: return 6;
    case NodeKind::negate: return 7;
    case NodeKind::literal: {
      // A negative literal was written with a minus sign.
      const Literal& literal = ast.literals[node.index];
      const auto* i = std::get_if<std::int64_t>(&literal);
      const auto* d = std::get_if<double>(&literal);
      return (i && *i < 0) || (d && std::signbit(*d)) ? 7 : 8;
    }
    case NodeKind::has:
    case NodeKind::variable: return 8;
  }
  return 8;
}

class Printer {
 public:
  explicit Printer(const Ast& ast) : ast_(ast) {}

  void print(NodeId id) {
    const Node& node = ast_[id];
    switch (node.kind) {
      case NodeKind::literal: text += cond::print(ast_.literals[node.index]); return;
      case NodeKind::variable: text += print_name(ast_.variables[node.index].name); return;
      case NodeKind::has: text += "has "; return print(ast_.child(node, 0));
      case NodeKind::negate:
        text += '-';
        // Minus before a number would be read as a negative literal.
        operand(ast_.child(node, 0), ast_[ast_.child(node, 0)].kind == NodeKind::literal ? 9 : 7);
        return;
      case NodeKind::logical_not:
        text += "not ";
        operand(ast_.child(node, 0), 3);
        return;
      case NodeKind::in:
      case NodeKind::not_in: return membership(node);
      default: return binary(node);
    }
  }

  std::string text;

 private:
  // Operators associate to the left, and comparisons not at all.
  void binary(const Node& node) {
    const int own = strength(ast_, node);
    operand(ast_.child(node, 0), own == 4 ? 5 : own);
    text.append(" ").append(spelling(node.kind)).append(" ");
    operand(ast_.child(node, 1), own + 1);
  }

  void membership(const Node& node) {
    operand(ast_.child(node, 0), 5);
    text.append(" ").append(spelling(node.kind)).append(" [");
    for (std::uint32_t i = 1; i < node.count; ++i) {
      if (i > 1) text += ", ";
      operand(ast_.child(node, i), 5);
    }
    text += ']';
  }

  void operand(NodeId id, int at_least) {
    const bool parens = strength(ast_, ast_[id]) < at_least;
    if (parens) text += '(';
    print(id);
    if (parens) text += ')';
  }

  const Ast& ast_;
};

std::string quote(const std::string& value) {
  std::string text = "\"";
  for (char c : value) {
    switch (c) {
      case '\n': text += "\\n"; break;
      case '\t': text += "\\t"; break;
      case '\r': text += "\\r"; break;
      case '"': text += "\\\""; break;
      case '\\': text += "\\\\"; break;
      default: text += c;
    }
  }
  return text + "\"";
}

// A double must read back as a double: `2` would become an integer.
std::string decimal(double value) {
  std::string text = format_double(value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

const char* spelling(NodeKind kind) {
  switch (kind) {
    case NodeKind::literal:
    case NodeKind::variable: return "";
    case NodeKind::has: return "has";
    case NodeKind::negate:
    case NodeKind::subtract: return "-";
    case NodeKind::logical_not: return "not";
    case NodeKind::logical_and: return "and";
    case NodeKind::logical_or: return "or";
    case NodeKind::add: return "+";
    case NodeKind::multiply: return "*";
    case NodeKind::divide: return "/";
    case NodeKind::modulo: return "%";
    case NodeKind::equal: return "==";
    case NodeKind::not_equal: return "!=";
    case NodeKind::less: return "<";
    case NodeKind::less_equal: return "<=";
    case NodeKind::greater: return ">";
    case NodeKind::greater_equal: return ">=";
    case NodeKind::in: return "in";
    case NodeKind::not_in: return "not in";
  }
  return "";
}

std::string print_name(std::string_view name) {
  if (is_identifier(name)) return std::string(name);
  std::string text = "`";
  for (const char c : name) text.append(c == '`' ? 2 : 1, c);
  return text + "`";
}

std::string print(const Ast& ast) { return print(ast, ast.root); }

std::string print(const Ast& ast, NodeId node) {
  Printer printer(ast);
  printer.print(node);
  return std::move(printer.text);
}

std::string print(const Literal& literal) {
  if (const bool* v = std::get_if<bool>(&literal)) return *v ? "true" : "false";
  if (const auto* v = std::get_if<std::int64_t>(&literal)) return std::to_string(*v);
  if (const auto* v = std::get_if<double>(&literal)) return decimal(*v);
  return quote(std::get<std::string>(literal));
}

}  // namespace rz::cond
