#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "rz/cond/compiled_condition.h"

namespace rz::cond {
namespace {

// Rows a step: what is used of each column and the flags of a deep condition stay in the cache.
constexpr std::size_t kBlock = 512;
constexpr double kMaxDouble = std::numeric_limits<double>::max();

/// One answer a byte, 0 or 1.
using Flags = std::array<std::uint8_t, kBlock>;

// The loops have no branch and no call in them, so that they become vector instructions.
template <class T>
void test_interval(const T* values, std::size_t rows, T low, T high, bool outside, Flags& flags) {
  for (std::size_t i = 0; i < rows; ++i) {
    const bool inside = (values[i] >= low) & (values[i] <= high);
    flags[i] = static_cast<std::uint8_t>(inside != outside);
  }
}

bool all_finite(const double* values, std::size_t rows) {
  bool finite = true;
  for (std::size_t i = 0; i < rows; ++i) finite &= std::fabs(values[i]) <= kMaxDouble;
  return finite;
}

// Eight flags become eight bits, the first one lowest.
void pack(const Flags& flags, std::size_t rows, std::uint64_t* words) {
  for (std::size_t i = 0; i < rows; i += 64) {
    std::uint64_t word = 0;
    for (std::size_t k = 0; k < 64 && i + k < rows; k += 8) {
      std::uint64_t eight = 0;
      for (std::size_t j = 0; j < 8; ++j) {
        eight |= static_cast<std::uint64_t>(flags[i + k + j]) << (8 * j);
      }
      word |= (eight * 0x0102040810204080 >> 56) << k;
    }
    words[i / 64] = word;
  }
}

}  // namespace

/// Evaluates a program block by block: each test for all rows of a block, then `and`, `or` and
/// `not` of whole blocks. That is the same as row by row as long as no test can fail; a block where
/// one can is done row by row.
class ColumnEvaluator {
 public:
  ColumnEvaluator(const CompiledCondition& program, std::span<const ConditionColumn> columns)
      : program_(program), columns_(columns), values_(columns.size()) {
    for (const CompiledCondition::PlainTest& plain : program_.plain_tests_) {
      if (plain.test.node >= tests_.size()) tests_.resize(plain.test.node + 1, nullptr);
      tests_[plain.test.node] = &plain;
    }
  }

  Result<void> run(std::size_t rows, std::span<std::uint64_t> answers) {
    Flags flags{};
    for (std::size_t first = 0; first < rows; first += kBlock) {
      first_ = first;
      rows_ = std::min(kBlock, rows - first);
      if (can_fail()) {
        if (auto done = row_by_row(flags); !done) return done;
      } else {
        block(program_.ast().root, flags);
      }
      std::fill(flags.begin() + static_cast<std::ptrdiff_t>(rows_), flags.end(), 0);
      pack(flags, rows_, answers.data() + first / 64);
    }
    return {};
  }

 private:
  bool can_fail() const {
    if (!program_.other_tests_.empty()) return true;
    return !std::all_of(columns_.begin(), columns_.end(), [&](const ConditionColumn& column) {
      const auto* doubles = std::get_if<std::span<const double>>(&column);
      return doubles == nullptr || all_finite(doubles->data() + first_, rows_);
    });
  }

  Result<void> row_by_row(Flags& flags) {
    for (std::size_t i = 0; i < rows_; ++i) {
      const std::size_t row = first_ + i;
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        values_[c] = std::visit([row](const auto& column) { return ConditionValue(column[row]); },
                                columns_[c]);
      }
      auto answer = program_.evaluate(values_);
      if (!answer) {
        Error error = std::move(answer).error();
        error.where += " (row " + std::to_string(row) + ")";
        return fail(std::move(error));
      }
      flags[i] = static_cast<std::uint8_t>(*answer);
    }
    return {};
  }

  void block(NodeId id, Flags& flags) const {
    const Ast& ast = program_.ast();
    const Node& node = ast[id];
    switch (node.kind) {
      case NodeKind::literal:
        flags.fill(static_cast<std::uint8_t>(std::get<bool>(ast.literals[node.index])));
        return;
      case NodeKind::logical_not:
        block(ast.child(node, 0), flags);
        for (std::uint8_t& flag : flags) flag ^= 1;
        return;
      case NodeKind::logical_and:
      case NodeKind::logical_or: {
        block(ast.child(node, 0), flags);
        Flags others;
        block(ast.child(node, 1), others);
        if (node.kind == NodeKind::logical_and) {
          for (std::size_t i = 0; i < kBlock; ++i) flags[i] &= others[i];
        } else {
          for (std::size_t i = 0; i < kBlock; ++i) flags[i] |= others[i];
        }
        return;
      }
      default: return test(*tests_[id], flags);
    }
  }

  void test(const CompiledCondition::PlainTest& plain, Flags& flags) const {
    const CompiledCondition::Interval& in = plain.interval;
    const ConditionColumn& column = columns_[plain.slot];
    if (const auto* doubles = std::get_if<std::span<const double>>(&column)) {
      test_interval(doubles->data() + first_, rows_, in.double_low, in.double_high, in.outside,
                    flags);
    } else {
      test_interval(std::get<std::span<const std::int64_t>>(column).data() + first_, rows_,
                    in.int_low, in.int_high, in.outside, flags);
    }
  }

  const CompiledCondition& program_;
  std::span<const ConditionColumn> columns_;
  std::vector<const CompiledCondition::PlainTest*> tests_;  ///< By node.
  std::vector<ConditionValue> values_;                      ///< Of one row.
  std::size_t first_ = 0;                                   ///< Row of the block.
  std::size_t rows_ = 0;                                    ///< Of the block.
};

Result<void> CompiledCondition::evaluate(std::span<const ConditionColumn> columns, std::size_t rows,
                                         std::span<std::uint64_t> answers) const {
  if (columns.size() != ast_.variables.size()) {
    return fail(ErrorCode::invalid_argument, "expected " + std::to_string(ast_.variables.size()) +
                                                 " columns, got " + std::to_string(columns.size()));
  }
  if (answers.size() < (rows + 63) / 64) {
    return fail(ErrorCode::invalid_argument, "no room for the answers");
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Variable& variable = ast_.variables[i];
    if (variable.type == VariableType::string || variable.type == VariableType::boolean) {
      return fail(ErrorCode::invalid_argument,
                  "columns hold numbers; '" + variable.name + "' is of another type");
    }
    const std::size_t size =
        std::visit([](const auto& column) { return column.size(); }, columns[i]);
    if (size < rows) {
      return fail(ErrorCode::invalid_argument, "the column of '" + variable.name +
                                                   "' has fewer than " + std::to_string(rows) +
                                                   " values");
    }
  }
  return ColumnEvaluator(*this, columns).run(rows, answers);
}

}  // namespace rz::cond

namespace rz {

Result<void> Condition::evaluate(std::span<const ConditionColumn> columns, std::size_t rows,
                                 std::span<std::uint64_t> answers) const {
  return program_->evaluate(columns, rows, answers);
}

}  // namespace rz
