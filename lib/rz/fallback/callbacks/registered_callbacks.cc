#include "rz/fallback/callbacks/registered_callbacks.h"

#include <utility>

#include "rz/fallback/callbacks/owed_callback.h"

namespace rz::fallback {

void RegisteredCallbacks::add(Mode mode, ModeCallback callback, CallbackLimits limits) {
  std::lock_guard lock(mutex_);
  callbacks_[mode].push_back(std::move(callback));
  if (const auto found = limits_.find(mode); found != limits_.end()) {
    limits.timeout += found->second.timeout;
  }
  limits_[mode] = limits;
}

bool RegisteredCallbacks::has(Mode mode) const {
  std::lock_guard lock(mutex_);
  return callbacks_.contains(mode);
}

CallbackLimits RegisteredCallbacks::limits_of(Mode mode) const {
  std::lock_guard lock(mutex_);
  const auto found = limits_.find(mode);
  return found == limits_.end() ? CallbackLimits{} : found->second;
}

// The process that makes a transition also makes its call: the commit of the transition already has
// its claim.
void RegisteredCallbacks::owe_call(ModeState& next, const Transition& record, TimePoint now,
                                   std::string own_folder) const {
  if (!record.changes_mode() || !has(record.to)) return;
  next.owed.push_back(owe(record, limits_of(record.to), now, std::move(own_folder)));
}

Result<void> RegisteredCallbacks::run(CallbackRun begun, std::vector<std::string>& warnings,
                                      CallbackOutput& output) const {
  std::vector<ModeCallback> callbacks;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = callbacks_.find(begun.to); found != callbacks_.end()) {
      callbacks = found->second;
    }
  }
  Result<void> all;
  for (const ModeCallback& callback : callbacks) {
    CallbackOutput left;
    begun.output = &left;
    auto done = callback(begun);
    if (all) output = std::move(left);
    if (done) continue;
    warnings.push_back("callback for " + std::string(to_string(begun.to)) + ": " +
                       to_string(done.error()));
    if (all) all = std::move(done);
  }
  return all;
}

}  // namespace rz::fallback
