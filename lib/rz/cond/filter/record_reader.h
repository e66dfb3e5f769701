#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/cond/condition.h"

namespace rz::cond {

/// What is wrong with a record, and where.
struct RecordProblem {
  const char* at = nullptr;
  std::string message;
};

/// A value of the wrong type is a problem only if no later member of the same name replaces it, as
/// the last one wins: kept until the record has been read.
class ValueProblems {
 public:
  bool empty() const { return problems_.empty(); }
  void clear() { problems_.clear(); }
  void add(std::uint32_t slot, const char* at, std::string message);
  /// The slot got a new value.
  void forget(std::uint32_t slot);
  /// The first one in the record.
  const RecordProblem& first() const { return problems_.front().problem; }

 private:
  struct Entry {
    std::uint32_t slot;
    RecordProblem problem;
  };
  std::vector<Entry> problems_;
};

/// "'severity' is a number, but its value here is a string".
std::string wrong_type(const Variable& variable, std::string_view found);

/// "the value of 'id' is out of range": of a number, as it is written.
std::string out_of_range(const Variable& variable, std::string_view number);

/// `text` without what ends a line.
std::string_view without_line_end(std::string_view text);

}  // namespace rz::cond
