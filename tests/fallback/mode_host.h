#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "fallback/fallback_support.h"
#include "rz/fallback/callbacks/callback_runner.h"
#include "rz/fallback/callbacks/registered_callbacks.h"
#include "rz/fallback/mode_keeper.h"
#include "rz/fallback/mode_reconciler.h"
#include "rz/storage/faulty_storage.h"

namespace rz::fallback {

/// The parts of a FallbackManager on one host, and a store that can be taken away from it.
struct ModeHost {
  /// `folder`: of the spool; nothing: the host has none.
  ModeHost(Storage& target, Clock& clock, std::optional<std::string> folder, std::string host)
      : storage(target, clock),
        // Nobody is waited for, so that a test can hold the lock.
        spool(folder ? std::make_shared<Spool>(std::move(*folder), "store", Millis{0}) : nullptr),
        reconciler(storage,
                   {.actor = "ops",
                    .host = std::move(host),
                    .spool = spool,
                    .retention = std::chrono::hours{1},
                    .max_age_offline = std::chrono::hours{1}},
                   callbacks, clock),
        keeper(reconciler, callbacks, clock),
        runner(reconciler, keeper, callbacks, clock) {}

  void leave() { storage.inject(storage::Fault::failure()); }
  void come_back() { storage.heal(); }

  Result<ModeChange> evaluate(const ModePlanner& planner) {
    return keeper.change(planner, ModeKeeper::Origin::evaluation);
  }
  Result<ModeChange> order(const ModePlanner& planner) {
    return keeper.change(planner, ModeKeeper::Origin::order);
  }

  storage::FaultyStorage storage;
  std::shared_ptr<Spool> spool;
  RegisteredCallbacks callbacks;
  ModeReconciler reconciler;
  ModeKeeper keeper;
  CallbackRunner runner;
};

/// Enters `mode`, unless a pin holds.
inline ModePlanner enter(Mode mode) {
  return [mode](const ModeState& state, TimePoint now) {
    Decision decision;
    decision.mode = mode;
    decision.reason = "why";
    return plan_evaluation(state, decision, true, {}, now);
  };
}

/// Pins `mode` for a minute.
inline ModePlanner pin(Mode mode) {
  return [mode](const ModeState& state, TimePoint now) {
    return plan_pin(state, mode, std::chrono::minutes{1}, "by hand", {"ops", "db1"}, now);
  };
}

}  // namespace rz::fallback
