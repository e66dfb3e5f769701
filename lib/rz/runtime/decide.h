#pragma once

#include <optional>

#include "rz/base/value.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/runtime/runtime.h"

namespace rz::runtime {

/// How the mode is decided.
struct DecideOptions {
  MetricsSink* sink = nullptr;
  /// How long the store may be waited for after an observation that did not ask it (one that did
  /// has its own end); nothing: Runtime::default_deadline().
  std::optional<Millis> deadline{};
  bool dry_run = false;  ///< Nothing is changed.
};

/// Decides the mode from what was observed, with the policy and the callbacks of the configuration.
/// Records that could not be read are a doubt: they may be what calls for a worse mode.
/// Errors: those of Runtime::manager() and FallbackManager::cascade().
Result<Evaluation> decide(Runtime& runtime, const Observation& seen,
                          const DecideOptions& options = {});

/// The comprehensive state, in the old shape: what the checks and the store tell, with the mode and
/// its last transitions. A record that cannot be read goes to the notices, and the state is not
/// `complete`.
/// Errors: those of Runtime::observe() and FallbackManager::metrics(); an outage too, since what
/// the checks alone tell is no comprehensive state.
Result<HealthState> comprehensive_state(Runtime& runtime);

/// What the detector of the current mode answers about a telemetry record, an object. Then each
/// configured action whose condition holds for it is run; what became of them goes to the notices.
/// Errors: config, and those of the store.
Result<Value> detect(Runtime& runtime, const Value& telemetry);

}  // namespace rz::runtime
