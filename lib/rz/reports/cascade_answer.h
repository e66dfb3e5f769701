#pragma once

#include <cstddef>
#include <string>

#include "rz/fallback/evaluation.h"

namespace rz::reports {

/// The mode, and what was decided of it. Warnings and notes of the store's status are told beside
/// the report, and are no part of it.
struct CascadeAnswer {
  Evaluation evaluation;
  std::string store{};   ///< Which store it comes from; empty: that is not shown.
  bool explain = false;  ///< Whether each rule is shown, and what it saw.
};

/// `2 transitions wait for the store`.
std::string waiting_transitions(std::size_t count);

}  // namespace rz::reports
