#include "rz/runtime/history.h"

#include <utility>

namespace rz::runtime {

Result<History> open_history(Runtime& runtime, Reconcile what) {
  const auto whole = runtime.reconcile(what);
  if (!whole) return fail(whole.error());
  const auto config = runtime.config();
  if (!config) return fail(config.error());
  const auto storage = runtime.storage_of_mode();
  if (!storage) return fail(storage.error());
  return History{fallback::TransitionLog(**storage, (*config)->fallback.retention), *whole};
}

Result<fallback::TransitionLog> open_history_as_it_is(Runtime& runtime) {
  const auto config = runtime.config();
  if (!config) return fail(config.error());
  const auto storage = runtime.storage_of_mode();
  if (!storage) return fail(storage.error());
  return fallback::TransitionLog(**storage, (*config)->fallback.retention);
}

Result<fallback::ModeStore> mode_of_history(Runtime& runtime) {
  const auto config = runtime.config();
  if (!config) return fail(config.error());
  const auto storage = runtime.storage_of_mode();
  if (!storage) return fail(storage.error());
  return fallback::ModeStore(**storage, (*config)->fallback.retention);
}

Result<fallback::TransitionLog> open_history_to_change(Runtime& runtime) {
  if (auto lasting = runtime.lasting_storage(); !lasting) return fail(std::move(lasting).error());
  auto history = open_history(runtime, Reconcile::waiting);
  if (!history) return fail(std::move(history).error());
  return std::move(history->log);
}

}  // namespace rz::runtime
