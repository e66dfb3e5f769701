#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode.h"
#include "rz/fallback/mode_callback.h"
#include "rz/fallback/mode_state.h"

namespace rz::fallback {

/// What this process does on entering each mode. Thread-safe; callbacks are run outside its lock,
/// and may ask for the mode.
class RegisteredCallbacks {
 public:
  /// Adds what is done on entering `mode`, in the order of registration. The limits of the mode are
  /// those given last, but for the timeout: they run one after the other under one claim, which
  /// must cover all of them, so that it is the sum of theirs.
  void add(Mode mode, ModeCallback callback, CallbackLimits limits);

  bool has(Mode mode) const;
  CallbackLimits limits_of(Mode mode) const;

  /// Adds to `next` the call that `record` owes, claimed for the writer of the record, if it
  /// changes the mode and the new mode has a callback here. `own_folder` as in
  /// OwedCallback::claim_for().
  void owe_call(ModeState& next, const Transition& record, TimePoint now,
                std::string own_folder = {}) const;

  /// Runs those of the mode that the transition of `begun` enters: all of them, also after one that
  /// failed. The first error is returned, each is added to `warnings`. `output` is then that of the
  /// one that failed first, else of the last one.
  Result<void> run(CallbackRun begun, std::vector<std::string>& warnings,
                   CallbackOutput& output) const;

 private:
  mutable std::mutex mutex_;
  std::map<Mode, std::vector<ModeCallback>> callbacks_;
  std::map<Mode, CallbackLimits> limits_;
};

}  // namespace rz::fallback
