#pragma once

#include <string>

#include "rz/base/clock.h"
#include "rz/fallback/mode_view.h"
#include "rz/fallback/policy.h"
#include "rz/fallback/store_status.h"
#include "rz/fallback/vote.h"

#pragma GCC visibility push(default)
namespace rz {

/// What was decided about the mode, by an evaluation or by an order, and why. Where the mode was
/// only asked for, nothing was decided: `after` is `before`.
struct Evaluation {
  ModeView before{};
  ModeView after{};      ///< What holds now.
  std::string held{};    ///< Why the mode that was called for was not entered yet; empty if it was.
  std::string remark{};  ///< That there was nothing to do; empty: there was.
  Decision decision{};   ///< Of an evaluation: each rule and what it said.
  /// Of an evaluation: the votes that stood after it, this host's with them. In an outage there are
  /// none.
  Votes votes{};
  StoreStatus store{};
  /// Of what was decided: when, by the clock by which it was; before any callback was run.
  TimePoint decided_at{};

  bool changed() const { return after.mode != before.mode; }
};

}  // namespace rz
#pragma GCC visibility pop
