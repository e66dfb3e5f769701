#pragma once

#include <string>

#include "rz/cond/condition_file.h"
#include "rz/cond/explain.h"
#include "rz/cond/filter/filter_records.h"

namespace rz::reports {

/// The answer of a condition.
struct CondAnswer {
  std::string expression;
  bool result = false;
};

/// How an answer comes about.
struct CondExplanation {
  std::string expression;  ///< As it was written.
  Explanation explanation;
};

/// What is wrong with conditions. The text says only that nothing is: the command prints errors as
/// messages.
struct CondCheck {
  cond::ConditionFileReport found;
};

/// How many records a filter has read, and how many of them matched.
struct FilterCounts {
  cond::FilterReport counts;
};

}  // namespace rz::reports
