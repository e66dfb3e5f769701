#pragma once

#include "sim/scheduler.h"

namespace rz::sim {

/// While it lives, what the processes of `scheduler` do with files and time goes through the
/// simulation: the program is linked with --wrap for those calls. Files themselves are real.
class SimulatedCalls {
 public:
  explicit SimulatedCalls(Scheduler& scheduler);
  ~SimulatedCalls();
  SimulatedCalls(const SimulatedCalls&) = delete;
  SimulatedCalls& operator=(const SimulatedCalls&) = delete;
};

}  // namespace rz::sim
