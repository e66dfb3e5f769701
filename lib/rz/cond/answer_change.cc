#include "rz/cond/answer_change.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "rz/cond/evaluator.h"
#include "rz/cond/samples.h"

namespace rz::cond {
namespace {

using Relation = Sample::Relation;

std::optional<double> as_number(const ConditionValue& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* d = std::get_if<double>(&value)) return *d;
  return std::nullopt;
}

// How far it is from one value to the other, from 0 to 2; 1 for what has no distance.
double distance(const ConditionValue& from, const ConditionValue& to) {
  const auto a = as_number(from);
  const auto b = as_number(to);
  if (!a || !b) return 1;
  const double scale = std::max(std::fabs(*a), std::fabs(*b));
  // Halved, so that the difference of two large numbers is finite.
  return scale == 0 ? 0 : 2 * std::fabs(*a / 2 / scale - *b / 2 / scale);
}

class Finder {
 public:
  Finder(const Ast& ast, std::span<const ConditionValue> values, bool answer)
      : ast_(ast), values_(values.begin(), values.end()), answer_(answer) {}

  std::optional<AnswerChange> run() {
    const Samples samples = collect_samples(ast_, ast_.root);
    for (const SampledVariable& sampled : samples.variables) {
      if (!std::holds_alternative<std::monostate>(values_[sampled.variable])) try_all(sampled);
    }
    return std::move(best_);
  }

 private:
  enum class Outcome { same, turned, missing };

  void try_all(const SampledVariable& sampled) {
    const ConditionValue& current = values_[sampled.variable];
    for (const Sample& sample : sampled.samples) {
      if (sample.relation == Relation::any) continue;
      // Beside a constant only a value of the same kind is a way out that can be said.
      const bool beside = sample.relation != Relation::equal;
      if (beside && sample.value.index() != current.index()) continue;
      if (beside && std::holds_alternative<std::string_view>(current)) continue;
      const Outcome outcome = outcome_of(sampled.variable, sample.value);
      if (outcome == Outcome::same) continue;
      // Any change that is certain comes before one that depends on a further value.
      const std::pair rank(outcome == Outcome::missing, distance(current, sample.value));
      if (best_ && rank >= best_rank_) continue;
      best_rank_ = rank;
      best_ = AnswerChange{ast_.variables[sampled.variable].name, to_string(current), "", !answer_,
                           outcome == Outcome::missing ? ast_.variables[missing_].name : ""};
      best_->needs = needs(sampled, sample, outcome);
    }
  }

  Outcome outcome_of(std::uint32_t variable, const ConditionValue& value) {
    const ConditionValue kept = std::exchange(values_[variable], value);
    Evaluator evaluator(ast_, values_);
    const Scalar result = evaluator.value(ast_.root);
    values_[variable] = kept;
    if (!evaluator.failed()) {
      return std::get<bool>(result) != answer_ ? Outcome::turned : Outcome::same;
    }
    const auto missing = evaluator.missing_variable();
    if (!missing) return Outcome::same;
    missing_ = *missing;
    return Outcome::missing;
  }

  std::string needs(const SampledVariable& sampled, const Sample& sample, Outcome outcome) {
    const bool integer = std::holds_alternative<std::int64_t>(sample.value);
    const std::string constant = to_string(sample.constant);
    switch (sample.relation) {
      case Relation::above:
        return integer ? "at least " + to_string(sample.value) : "more than " + constant;
      case Relation::below:
        return integer ? "at most " + to_string(sample.value) : "less than " + constant;
      case Relation::equal:
      case Relation::any: break;
    }
    if (has_beside(sampled, sample, Relation::above, outcome)) return "at least " + constant;
    if (has_beside(sampled, sample, Relation::below, outcome)) return "at most " + constant;
    return constant;
  }

  // Whether the values on that side of the constant do what the constant itself does.
  bool has_beside(const SampledVariable& sampled, const Sample& sample, Relation relation,
                  Outcome outcome) {
    return as_number(sample.value) &&
           std::any_of(sampled.samples.begin(), sampled.samples.end(), [&](const Sample& other) {
             return other.relation == relation && other.constant == sample.constant &&
                    outcome_of(sampled.variable, other.value) == outcome;
           });
  }

  const Ast& ast_;
  std::vector<ConditionValue> values_;
  bool answer_;
  std::uint32_t missing_ = 0;  ///< Of the last outcome, if that was `missing`.
  std::pair<bool, double> best_rank_;
  std::optional<AnswerChange> best_;
};

}  // namespace

std::optional<AnswerChange> find_answer_change(const Ast& ast,
                                               std::span<const ConditionValue> values,
                                               bool answer) {
  return Finder(ast, values, answer).run();
}

}  // namespace rz::cond
