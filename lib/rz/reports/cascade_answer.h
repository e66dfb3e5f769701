#pragma once

#include <cstddef>
#include <string>

#include "rz/base/value.h"
#include "rz/fallback/fallback_manager.h"

namespace rz::reports {

/// The mode, and what is known about it. What a person should know about the store is in the
/// evaluation's status; its warnings and notes are not part of the report.
struct CascadeAnswer {
  Evaluation evaluation;
  std::string store{};   ///< The store that it comes from; empty: not shown.
  bool explain = false;  ///< Whether each rule is shown, with what it saw.
};

/// What a detector answered about a telemetry record, as it did:
/// `{"anomaly","confidence","mode",…}`.
struct Detection {
  Value answer;
};

/// Whether the mode may follow from votes of other hosts, so that they are shown: a host alone
/// decides by what it finds.
bool votes_apply(const Votes& votes);

/// `2 transitions and 1 order wait for the store`.
std::string waiting_for_store(const StoreStatus& status);

}  // namespace rz::reports
