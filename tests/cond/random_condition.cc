#include "random_condition.h"

#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <compare>
#include <limits>

namespace rz::cond::testing {
namespace {

using Gen = rc::Gen<std::string>;

Gen one_of(std::initializer_list<const char*> texts) {
  return rc::gen::elementOf(std::vector<std::string>(texts.begin(), texts.end()));
}

std::string pick(std::initializer_list<const char*> texts) { return *one_of(texts); }

std::string number(int depth) {
  const int kind = depth == 0 ? *rc::gen::inRange(0, 2) : *rc::gen::inRange(0, 6);
  switch (kind) {
    case 0: return pick({"severity", "recurrence_count", "ratio"});
    case 1:
      return pick({"0",
                   "1",
                   "2",
                   "3",
                   "-1",
                   "0.5",
                   ".25",
                   "1.",
                   "-0.0",
                   "2e1",
                   "9007199254740992",
                   "9007199254740993",
                   "9007199254740992.0",
                   "9007199254740994.0",
                   "9223372036854775807",
                   "-9223372036854775808",
                   "9223372036854775808.0",
                   "9223372036854774784.0",
                   "-9223372036854775808.0",
                   "-9223372036854777856.0",
                   "1e300",
                   "-1e300",
                   "5e-324"});
    case 2: return "(" + number(depth - 1) + ")";
    case 3: return "-" + number(depth - 1);
    default: return number(depth - 1) + pick({"+", " - ", "*", " / ", " % "}) + number(depth - 1);
  }
}

std::string text() { return pick({"name", "''", "'a'", "\"b\"", "'\\n\\\\\\''", "\"ä\""}); }

std::string boolean(int depth);

std::string any_value(int depth) {
  switch (*rc::gen::inRange(0, 4)) {
    case 0: return text();
    case 1: return depth == 0 ? "flag" : "(" + boolean(depth - 1) + ")";
    default: return number(depth);
  }
}

std::string comparison(int depth) {
  const int kind = *rc::gen::inRange(0, 8);
  const std::string order = pick({" < ", " <= ", " > ", " >= ", " == ", " != "});
  if (kind == 0) return text() + order + text();
  if (kind == 1) return any_value(depth) + pick({" == ", " != "}) + any_value(depth);
  if (kind > 2) return number(depth) + order + number(depth);
  std::string list = any_value(depth);
  const int more = *rc::gen::inRange(0, 3);
  for (int i = 0; i < more; ++i) list += ", " + any_value(0);
  return any_value(depth) + pick({" in [", " not in ["}) + list + "]";
}

std::string boolean(int depth) {
  const int kind = depth == 0 ? *rc::gen::inRange(0, 3) : *rc::gen::inRange(0, 8);
  switch (kind) {
    case 0: return pick({"flag", "true", "false"});
    case 1:
    case 2: return comparison(depth == 0 ? 0 : depth - 1);
    case 3:
      return *rc::gen::inRange(0, 4) == 0 ? pick({"has severity", "has name", "has flag"})
                                          : "not " + boolean(depth - 1);
    case 4: return "(" + boolean(depth - 1) + ")";
    default: return boolean(depth - 1) + pick({" and ", " or "}) + boolean(depth - 1);
  }
}

ConditionValue random_value(VariableType type) {
  if (*rc::gen::inRange(0, 16) == 0) return {};
  switch (type) {
    case VariableType::boolean: return *rc::gen::arbitrary<bool>();
    case VariableType::string:
      return *rc::gen::element<std::string_view>("", "a", "b", "\n\\'", "ä");
    case VariableType::integer:
    case VariableType::number: break;
  }
  if (*rc::gen::arbitrary<bool>()) {
    return *rc::gen::oneOf(
        rc::gen::inRange<std::int64_t>(-3, 4),
        rc::gen::element<std::int64_t>(9007199254740991, 9007199254740992, 9007199254740993,
                                       9007199254740994, std::numeric_limits<std::int64_t>::max(),
                                       std::numeric_limits<std::int64_t>::min()));
  }
  return *rc::gen::element<double>(-1, 0, -0.0, 0.25, 0.5, 1, 2, 9007199254740992, 9007199254740994,
                                   9223372036854775808.0, 9223372036854774784.0,
                                   -9223372036854775808.0, 1e300, -1e300, 5e-324, HUGE_VAL, NAN);
}

// ---- The meaning

__extension__ using Wide = __int128;
using Meant = std::variant<bool, std::int64_t, double, std::string>;
struct Undefined {
  ErrorCode code;
};

// A long double holds every int64 and every double.
static_assert(std::numeric_limits<long double>::digits >= 64);

bool is_number(const Meant& value) { return value.index() == 1 || value.index() == 2; }

long double exact(const Meant& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return static_cast<long double>(*i);
  return std::get<double>(value);
}

bool same(const Meant& a, const Meant& b) {
  return is_number(a) && is_number(b) ? exact(a) == exact(b) : a == b;
}

bool ordered(NodeKind kind, const Meant& a, const Meant& b) {
  const auto* text = std::get_if<std::string>(&a);
  const std::partial_ordering order =
      text ? *text <=> std::get<std::string>(b) : exact(a) <=> exact(b);
  if (kind == NodeKind::less) return order < 0;
  if (kind == NodeKind::less_equal) return order <= 0;
  if (kind == NodeKind::greater) return order > 0;
  return order >= 0;
}

Meant whole(NodeKind kind, Wide a, Wide b) {
  Wide result = 0;
  if (kind == NodeKind::add) result = a + b;
  if (kind == NodeKind::subtract) result = a - b;
  if (kind == NodeKind::multiply) result = a * b;
  if (kind == NodeKind::modulo) {
    if (b == 0) throw Undefined{ErrorCode::invalid_argument};
    result = a % b;
    if (result != 0 && (result < 0) != (b < 0)) result += b;
  }
  if (result < std::numeric_limits<std::int64_t>::min() ||
      result > std::numeric_limits<std::int64_t>::max()) {
    throw Undefined{ErrorCode::invalid_argument};
  }
  return static_cast<std::int64_t>(result);
}

Meant fraction(NodeKind kind, double a, double b) {
  double result = 0;
  if (kind == NodeKind::add) result = a + b;
  if (kind == NodeKind::subtract) result = a - b;
  if (kind == NodeKind::multiply) result = a * b;
  if (kind == NodeKind::divide) result = a / b;
  if (kind == NodeKind::modulo) {
    result = std::fmod(a, b);
    if (result != 0 && (result < 0) != (b < 0)) result += b;
  }
  if (!std::isfinite(result)) throw Undefined{ErrorCode::invalid_argument};
  return result;
}

Meant arithmetic(NodeKind kind, const Meant& a, const Meant& b) {
  const auto* left = std::get_if<std::int64_t>(&a);
  const auto* right = std::get_if<std::int64_t>(&b);
  if (left && right && kind != NodeKind::divide) return whole(kind, *left, *right);
  return fraction(kind, static_cast<double>(exact(a)), static_cast<double>(exact(b)));
}

Meant meant(const ConditionValue& value) {
  if (const bool* v = std::get_if<bool>(&value)) return *v;
  if (const auto* v = std::get_if<std::int64_t>(&value)) return *v;
  if (const auto* v = std::get_if<std::string_view>(&value)) return std::string(*v);
  if (const auto* v = std::get_if<double>(&value)) {
    if (!std::isfinite(*v)) throw Undefined{ErrorCode::invalid_argument};
    return *v;
  }
  throw Undefined{ErrorCode::not_found};
}

Meant meaning_of(const Ast& ast, NodeId id, std::span<const ConditionValue> values) {
  const Node& node = ast[id];
  const auto child = [&](std::uint32_t n) { return meaning_of(ast, ast.child(node, n), values); };
  const auto truth = [&](std::uint32_t n) { return std::get<bool>(child(n)); };
  switch (node.kind) {
    case NodeKind::literal:
      return std::visit([](const auto& v) { return Meant(v); }, ast.literals[node.index]);
    case NodeKind::variable: return meant(values[node.index]);
    case NodeKind::has:
      return !std::holds_alternative<std::monostate>(values[ast[ast.child(node, 0)].index]);
    case NodeKind::logical_not: return !truth(0);
    case NodeKind::logical_and: return truth(0) && truth(1);
    case NodeKind::logical_or: return truth(0) || truth(1);
    case NodeKind::in:
    case NodeKind::not_in: {
      const Meant needle = child(0);
      for (std::uint32_t i = 1; i < node.count; ++i) {
        if (same(needle, child(i))) return node.kind == NodeKind::in;
      }
      return node.kind == NodeKind::not_in;
    }
    case NodeKind::negate: {
      const Meant operand = child(0);
      if (const auto* d = std::get_if<double>(&operand)) return -*d;
      return whole(NodeKind::subtract, 0, std::get<std::int64_t>(operand));
    }
    default: break;
  }
  const Meant left = child(0);
  const Meant right = child(1);
  if (node.kind == NodeKind::equal) return same(left, right);
  if (node.kind == NodeKind::not_equal) return !same(left, right);
  return node.type == Type::boolean ? Meant(ordered(node.kind, left, right))
                                    : arithmetic(node.kind, left, right);
}

bool same_literal(const Literal& a, const Literal& b) {
  const auto* left = std::get_if<double>(&a);
  const auto* right = std::get_if<double>(&b);
  if (!left || !right) return a == b;
  return std::bit_cast<std::uint64_t>(*left) == std::bit_cast<std::uint64_t>(*right);
}

bool same_node(const Ast& a, NodeId left, const Ast& b, NodeId right) {
  const Node& x = a[left];
  const Node& y = b[right];
  if (x.kind != y.kind || x.type != y.type || x.count != y.count) return false;
  if (x.kind == NodeKind::literal) return same_literal(a.literals[x.index], b.literals[y.index]);
  if (x.kind == NodeKind::variable) return a.variables[x.index] == b.variables[y.index];
  for (std::uint32_t i = 0; i < x.count; ++i) {
    if (!same_node(a, a.child(x, i), b, b.child(y, i))) return false;
  }
  return true;
}

}  // namespace

const ConditionOptions& wide_options() {
  static const ConditionOptions options{{{"severity", VariableType::number},
                                         {"recurrence_count", VariableType::integer},
                                         {"ratio", VariableType::number},
                                         {"flag", VariableType::boolean},
                                         {"name", VariableType::string}},
                                        1000};
  return options;
}

std::string random_condition() { return boolean(3); }

std::string random_junk() {
  const Gen fragment =
      one_of({"severity", "flag", "name", "nope", "1",       "0.5", "9223372036854775808",
              "1e999",    "'a'",  "'",    "\"",   "\\",      "and", "or",
              "not",      "in",   "true", "AND",  "always",  "(",   ")",
              "[",        "]",    ",",    "<",    "<=",      "==",  "=",
              "!=",       "!",    "&&",   "+",    "-",       "*",   "/",
              "%",        ".",    "\n",   "\t",   "\x1b[2J", "ä",   "漢",
              "\xff",     "\xc3"});
  const Gen piece =
      rc::gen::weightedOneOf<std::string>({{8, fragment}, {1, rc::gen::arbitrary<std::string>()}});
  std::string text;
  for (const std::string& part : *rc::gen::container<std::vector<std::string>>(piece)) {
    text += part + pick({" ", " ", "", "\n"});
  }
  return text;
}

std::vector<ConditionValue> random_values(std::span<const Variable> variables) {
  std::vector<ConditionValue> values;
  for (const Variable& variable : variables) values.push_back(random_value(variable.type));
  return values;
}

Result<bool> meaning(const Ast& ast, std::span<const ConditionValue> values) {
  try {
    return std::get<bool>(meaning_of(ast, ast.root, values));
  } catch (const Undefined& undefined) {
    return fail(undefined.code, "");
  }
}

bool same_tree(const Ast& a, const Ast& b) { return same_node(a, a.root, b, b.root); }

}  // namespace rz::cond::testing
