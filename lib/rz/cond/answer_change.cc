#include "rz/cond/answer_change.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "rz/cond/evaluator.h"
#include "rz/cond/samples.h"
#include "rz/cond/scalar.h"

namespace rz::cond {
namespace {

bool is_number(const ConditionValue& value) {
  return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

double as_double(const ConditionValue& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  return integer ? static_cast<double>(*integer) : std::get<double>(value);
}

Around around(const ConditionValue& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  return integer ? cond::around(*integer) : cond::around(std::get<double>(value));
}

// The same number as a double instead of an integer, or the other way round; nothing if there is
// none.
std::optional<ConditionValue> twin_of(const ConditionValue& value) {
  std::optional<ConditionValue> twin;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    twin = static_cast<double>(*integer);
  } else if (const auto* number = std::get_if<double>(&value)) {
    // The largest double below 2^63 is an integer, and 2^63 itself is not one of 64 bits.
    if (*number >= -0x1p63 && *number < 0x1p63) twin = static_cast<std::int64_t>(*number);
  }
  if (twin && compare_held_numbers(*twin, value) != 0) twin.reset();
  return twin;
}

// How far it is from one value to the other, from 0 to 2; 1 for what has no distance.
double distance(const ConditionValue& from, const ConditionValue& to) {
  if (!is_number(from) || !is_number(to)) return 1;
  const double a = as_double(from);
  const double b = as_double(to);
  const double scale = std::max(std::fabs(a), std::fabs(b));
  // Halved, so that the difference of two large numbers is finite.
  return scale == 0 ? 0 : 2 * std::fabs(a / 2 / scale - b / 2 / scale);
}

/// What one variable is compared with, the other variables having their values.
class Comparisons {
 public:
  Comparisons(const Ast& ast, std::span<const ConditionValue> values, std::uint32_t variable)
      : ast_(ast), values_(values), variable_(variable), contains_(ast.nodes.size()) {
    // Nodes stand behind their children.
    for (NodeId id = 0; id < ast_.nodes.size(); ++id) visit(id);
  }

  std::vector<ConditionValue> found;
  /// The variable stands in nothing but comparisons with what was found: the answer depends only on
  /// how it compares with each of them.
  bool complete = true;

 private:
  void visit(NodeId id) {
    const Node& node = ast_[id];
    if (node.kind == NodeKind::literal) return;
    if (node.kind == NodeKind::variable) {
      contains_[id] = node.index == variable_;
      return;
    }
    for (std::uint32_t i = 0; i < node.count; ++i) {
      if (contains_[ast_.child(node, i)]) contains_[id] = true;
    }
    if (!contains_[id]) return;
    if (node.type == Type::number) complete = false;
    if (node.kind < NodeKind::equal) return;
    for (std::uint32_t i = 1; i < node.count; ++i) pair(ast_.child(node, 0), ast_.child(node, i));
  }

  void pair(NodeId left, NodeId right) {
    if (is_it(right)) std::swap(left, right);
    if (!is_it(left) || is_it(right) || ast_[left].type != ast_[right].type) return;
    if (contains_[right]) return;  // Arithmetic with the variable: not complete.
    Evaluator evaluator(ast_, values_);
    const Scalar value = evaluator.value(right);
    if (evaluator.failed()) return;  // Then the comparison fails, whatever the variable is.
    found.push_back(std::visit([](auto v) { return ConditionValue(v); }, value));
  }

  bool is_it(NodeId id) const {
    return ast_[id].kind == NodeKind::variable && ast_[id].index == variable_;
  }

  const Ast& ast_;
  std::span<const ConditionValue> values_;
  std::uint32_t variable_;
  std::vector<bool> contains_;
};

/// A stretch of numbers: between two bounds, either of which may be missing or belong to it.
struct Stretch {
  struct Bound {
    ConditionValue value;
    bool inside = false;
  };
  std::optional<Bound> low, high;
};

/// Finds the smallest change. A stretch of numbers between neighbours that the variable is compared
/// with has one answer, so that a single number of it speaks for all.
class Finder {
 public:
  Finder(const Ast& ast, std::span<const ConditionValue> values, bool answer)
      : ast_(ast), values_(values.begin(), values.end()), answer_(answer) {}

  std::optional<AnswerChange> run() {
    for (variable_ = 0; variable_ < values_.size(); ++variable_) {
      const ConditionValue current = values_[variable_];
      const Comparisons compared(ast_, values_, variable_);
      if (const bool* flag = std::get_if<bool>(&current)) {
        offer(outcome_of(!*flag), !*flag, to_string(!*flag));
      } else if (std::holds_alternative<std::string_view>(current)) {
        try_each(compared.found);
      } else if (is_number(current) && std::isfinite(as_double(current))) {
        if (compared.complete) {
          try_stretches(compared.found);
        } else {
          try_each(compared.found);
        }
      }
    }
    return std::move(best_);
  }

 private:
  /// What becomes of the answer.
  struct Outcome {
    enum class Kind { same, turned, missing };
    Kind kind = Kind::same;
    std::uint32_t missing = 0;  ///< The variable that would be needed.
    bool operator==(const Outcome&) const = default;
  };

  Outcome outcome_of(const ConditionValue& value) {
    const ConditionValue kept = std::exchange(values_[variable_], value);
    Evaluator evaluator(ast_, values_);
    const Scalar result = evaluator.value(ast_.root);
    values_[variable_] = kept;
    if (!evaluator.failed()) {
      return {std::get<bool>(result) != answer_ ? Outcome::Kind::turned : Outcome::Kind::same, 0};
    }
    const auto missing = evaluator.missing_variable();
    return missing ? Outcome{Outcome::Kind::missing, *missing} : Outcome{};
  }

  // Only what was tried can be told: each value for itself. Arithmetic is exact with 2 and rounds
  // with 2.0, and the words are true of both.
  void try_each(const std::vector<ConditionValue>& candidates) {
    for (const ConditionValue& value : candidates) {
      const Outcome outcome = outcome_of(value);
      const auto twin = twin_of(value);
      if (twin && outcome_of(*twin) != outcome) continue;
      offer(outcome, value, to_string(value));
    }
  }

  void try_stretches(std::vector<ConditionValue> bounds) {
    std::sort(bounds.begin(), bounds.end(),
              [](const auto& a, const auto& b) { return compare_held_numbers(a, b) < 0; });
    bounds.erase(
        std::unique(bounds.begin(), bounds.end(),
                    [](const auto& a, const auto& b) { return compare_held_numbers(a, b) == 0; }),
        bounds.end());
    std::optional<Stretch> open;
    Outcome outcome;
    const auto close = [&] {
      if (open && outcome.kind != Outcome::Kind::same) offer_stretch(outcome, *open);
      open.reset();
    };
    // Below the first bound, the bound, what is between it and the next, the next, and so on.
    for (std::size_t i = 0; i <= 2 * bounds.size(); ++i) {
      const bool bound = i % 2 == 1;
      const Stretch part = bound ? exactly(bounds[i / 2]) : between(bounds, i / 2);
      const auto number = bound ? std::optional(bounds[i / 2]) : number_in(part);
      if (!number) continue;  // Nothing lies between neighbours.
      const Outcome found = outcome_of(*number);
      if (!open || found != outcome) {
        close();
        open = part;
        outcome = found;
      } else {
        open->high = part.high;
      }
    }
    close();
  }

  static Stretch exactly(const ConditionValue& value) {
    return {Stretch::Bound{value, true}, Stretch::Bound{value, true}};
  }

  static Stretch between(const std::vector<ConditionValue>& bounds, std::size_t i) {
    Stretch stretch;
    if (i > 0) stretch.low = Stretch::Bound{bounds[i - 1], false};
    if (i < bounds.size()) stretch.high = Stretch::Bound{bounds[i], false};
    return stretch;
  }

  // Any number of a stretch without its bounds; nothing if there is none.
  static std::optional<ConditionValue> number_in(const Stretch& stretch) {
    std::vector<ConditionValue> candidates;
    const auto add = [&](const auto& value) {
      if (value) candidates.push_back(*value);
    };
    if (stretch.low) add(around(stretch.low->value).int_above);
    if (stretch.low) add(around(stretch.low->value).double_above);
    if (stretch.high) add(around(stretch.high->value).int_below);
    if (stretch.high) add(around(stretch.high->value).double_below);
    for (const ConditionValue& value : candidates) {
      const bool above = !stretch.low || compare_held_numbers(value, stretch.low->value) > 0;
      const bool below = !stretch.high || compare_held_numbers(value, stretch.high->value) < 0;
      if (above && below) return value;
    }
    return std::nullopt;
  }

  // The words cover numbers of that stretch and no others.
  void offer_stretch(const Outcome& outcome, Stretch stretch) {
    const ConditionValue& current = values_[variable_];
    const bool integer = ast_.variables[variable_].type == VariableType::integer;
    const bool apart = integer && !keep_integers(stretch);
    const auto& [low, high] = stretch;
    const bool is_below = low && compare_held_numbers(current, low->value) <= 0;
    const ConditionValue& nearest = is_below || !high ? low->value : high->value;
    if (low && high && compare_held_numbers(low->value, high->value) == 0) {
      return offer(outcome, nearest, to_string(low->value), apart);
    }
    std::string words;
    if (low) words = (low->inside ? "at least " : "more than ") + to_string(low->value);
    if (low && high) words += " and ";
    if (high) words += (high->inside ? "at most " : "less than ") + to_string(high->value);
    offer(outcome, nearest, std::move(words), apart);
  }

  // Of a variable that holds integers alone: more than 2 is at least 3. False, with nothing
  // changed, where there is none.
  static bool keep_integers(Stretch& stretch) {
    Stretch whole = stretch;
    if (whole.low && !whole.low->inside) {
      const auto above = around(whole.low->value).int_above;
      if (!above) return false;
      whole.low = Stretch::Bound{*above, true};
    }
    if (whole.high && !whole.high->inside) {
      const auto below = around(whole.high->value).int_below;
      if (!below) return false;
      whole.high = Stretch::Bound{*below, true};
    }
    if (whole.low && whole.high && compare_held_numbers(whole.low->value, whole.high->value) > 0)
      return false;
    stretch = whole;
    return true;
  }

  // Any change that is certain comes before one that depends on a further value, and one within the
  // kind of the value before one that is `apart` from it.
  void offer(const Outcome& outcome, const ConditionValue& nearest, std::string needs,
             bool apart = false) {
    if (outcome.kind == Outcome::Kind::same) return;
    const bool missing = outcome.kind == Outcome::Kind::missing;
    const ConditionValue& current = values_[variable_];
    const std::tuple rank(missing, apart, distance(current, nearest));
    if (best_ && rank >= best_rank_) return;
    best_rank_ = rank;
    best_ = AnswerChange{print_name(ast_.variables[variable_].name), to_string(current),
                         std::move(needs), !answer_,
                         missing ? print_name(ast_.variables[outcome.missing].name) : ""};
  }

  const Ast& ast_;
  std::vector<ConditionValue> values_;
  bool answer_;
  std::uint32_t variable_ = 0;  ///< Whose value is changed.
  std::tuple<bool, bool, double> best_rank_;
  std::optional<AnswerChange> best_;
};

}  // namespace

std::optional<AnswerChange> find_answer_change(const Ast& ast,
                                               std::span<const ConditionValue> values,
                                               bool answer) {
  return Finder(ast, values, answer).run();
}

}  // namespace rz::cond
