#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rz/cond/condition.h"
#include "rz/cond/token.h"

namespace rz::cond {

enum class NodeKind : std::uint8_t {
  literal,
  variable,
  has,     ///< Whether its child, a variable, has a value.
  negate,  ///< Unary minus.
  logical_not,
  logical_and,
  logical_or,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,  ///< Children: the value, then the items.
  not_in,
};

/// What a node yields. Every type is known before anything is evaluated. `integer` variables count
/// as numbers: the old system let a double stand for them.
enum class Type : std::uint8_t { boolean, number, string };

using Literal = std::variant<bool, std::int64_t, double, std::string>;
using NodeId = std::uint32_t;

struct Node {
  NodeKind kind = NodeKind::literal;
  Type type = Type::boolean;
  Span span;
  std::uint32_t index = 0;  ///< Into Ast::literals, Ast::variables, or else Ast::children.
  std::uint32_t count = 0;  ///< Of its children.
};

/// A checked condition as a tree. Nodes stand behind their children.
struct Ast {
  std::vector<Node> nodes;
  std::vector<NodeId> children;  ///< Those of one node side by side.
  std::vector<Literal> literals;
  std::vector<Variable> variables;  ///< In order of first use.
  NodeId root = 0;

  const Node& operator[](NodeId id) const { return nodes[id]; }
  NodeId child(const Node& node, std::uint32_t n) const { return children[node.index + n]; }
};

/// A variable's name as it is written in a condition: in backquotes where it is not an identifier.
std::string print_name(std::string_view name);

/// The operator as it is written, "and", ">=", "not in"; "" for a literal and a variable.
const char* spelling(NodeKind kind);

/// The tree as text with no more parentheses than it needs. Parsing that text gives an equal tree.
std::string print(const Ast& ast);
std::string print(const Ast& ast, NodeId node);

/// A literal as it is written in a condition: `0.5`, `"a\n"`, `true`.
std::string print(const Literal& literal);

}  // namespace rz::cond
