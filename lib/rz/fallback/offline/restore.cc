#include "rz/fallback/offline/restore.h"

#include <utility>

#include "rz/fallback/offline/store_memory.h"

namespace rz::fallback {

Result<std::optional<Loss>> find_loss(const ModeStore& store, const ModeStore::Snapshot& there,
                                      const std::optional<ModeState>& known, AskHistory ask) {
  std::optional<Loss> loss;
  if (known && has_lost(there.state, *known)) {
    loss = Loss{*known, describe_loss(there.state, *known)};
  }
  if (there.bytes || (!loss && ask == AskHistory::no)) return loss;
  // A new host knows nothing, and one that was away may know less than the history.
  auto last = store.last_of_history();
  if (!last) return fail(std::move(last).error());
  if (!*last || !has_lost(there.state, **last)) return loss;
  if (loss && (*last)->epoch <= loss->known.epoch) return loss;
  std::string sentence = describe_loss(there.state, **last, KnownFrom::history);
  ModeState newest = std::move(**last);
  if (known) {
    // The history does not have these.
    newest.version = known->version;
    newest.lineage = known->lineage;
    newest.ancestors = known->ancestors;
    newest.begun_anew = known->begun_anew;
    newest.orders = known->orders;
    newest.entered = known->entered;
    newest.owed = known->owed;
    newest.ended = known->ended;
    newest.failed_calls = known->failed_calls;
  }
  return std::optional<Loss>(Loss{std::move(newest), std::move(sentence)});
}

Result<RestoredStore> restore_if_lost(ModeStore& store, const std::optional<ModeState>& known,
                                      AskHistory ask, TimePoint now,
                                      std::vector<std::string>& warnings,
                                      const RestoredHook& on_restored) {
  std::optional<SharedTime> shared;
  for (int round = 0; round < ModeStore::kMaxRaces; ++round) {
    auto there = store.read();
    if (!there) return fail(std::move(there).error());
    auto lost = find_loss(store, *there, known, ask);
    if (!lost) return fail(std::move(lost).error());
    if (!*lost) {
      std::string begun_anew = known ? describe_beginning(there->state, *known) : std::string();
      return RestoredStore{std::move(*there), {}, std::move(begun_anew)};
    }
    if (!shared) {
      // A clock that is ahead would take a pin that still holds for one that has run out.
      shared = store.shared_time(now);
      if (!shared->warning.empty()) warnings.push_back(shared->warning);
    }
    ModeState next = restored(there->state, (*lost)->known, shared->now);
    stamp(next);
    ++next.epoch;
    if (next.mode != there->state.mode) ++next.entered[static_cast<std::size_t>(next.mode)];
    const auto place = store.free_place(next_place(next, shared->now));
    if (!place) return fail(place.error());
    next.since = next.recorded_at = *place;
    const std::string& sentence = (*lost)->sentence;
    Transition record{next.since, there->state.mode, next.mode, sentence, trigger::kRestored, {},
                      {},         next.epoch};
    record.writer = next.writer;
    std::string overruled = describe_overruled(there->state, (*lost)->known, shared->now);
    record.detail = overruled;
    if (on_restored) on_restored(next, record);
    const auto won = store.write(*there, next, record, warnings);
    if (!won) return fail(won.error());
    if (*won != Commit::done) continue;
    auto after = store.read();
    if (!after) return fail(std::move(after).error());
    return RestoredStore{std::move(*after), sentence, {}, std::move(overruled)};
  }
  return fail(ErrorCode::conflict, "the mode kept changing while it was put back; try again",
              std::string(kModeStateKey));
}

}  // namespace rz::fallback
