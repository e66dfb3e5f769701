#pragma once

#include <cstddef>
#include <string>

#include "rz/fallback/manager.h"

namespace rz::reports {

/// The mode, and what is known of it. What a person should be told of the store stands in the
/// outcome's status; warnings and notes of it are not part of the report.
struct CascadeAnswer {
  CascadeOutcome outcome;
  std::string store{};   ///< Which store it comes from; empty: that is not shown.
  bool explain = false;  ///< Whether each rule is shown, and what it saw.
};

/// `2 transitions wait for the store`.
std::string waiting_transitions(std::size_t count);

}  // namespace rz::reports
