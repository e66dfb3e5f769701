#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "fallback/fallback_support.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::fallback {

/// Hosts that share a store, each with a manager of its own.
struct Fleet {
  explicit Fleet(Storage& shared, Clock& time, FallbackManagerOptions how = {})
      : storage(shared), clock(time), options(std::move(how)) {}

  /// The manager of the host of that name.
  FallbackManager& host(const std::string& name) {
    auto& manager = managers[name];
    if (!manager) manager = make(name, storage, clock);
    return *manager;
  }

  std::unique_ptr<FallbackManager> make(const std::string& name, Storage& store,
                                        Clock& time) const {
    FallbackManagerOptions own = options;
    own.actor = "ops";
    own.host = name;
    return std::make_unique<FallbackManager>(store, std::move(own), time);
  }

  Evaluation evaluate(const std::string& name, const HealthState& health) {
    return ok(host(name).cascade(health));
  }
  Mode cascade(const std::string& name, const HealthState& health) {
    return evaluate(name, health).after.mode;
  }

  std::vector<Transition> log() {
    TransitionLog records(storage, kRetention);
    TransitionQuery query;
    query.changes_only = true;
    return ok(records.list(query));
  }
  /// The names of who votes for what: `a:safe b:heuristic`.
  std::string votes() {
    std::string text;
    for (const Vote& vote : ok(host("who looks").votes()).standing) {
      text += (text.empty() ? "" : " ") + vote.voter + ":" + to_string(vote.mode);
    }
    return text;
  }

  Storage& storage;
  Clock& clock;
  const FallbackManagerOptions options;
  std::map<std::string, std::unique_ptr<FallbackManager>> managers;
};

/// A fleet on a store in memory, with one clock for all.
struct FleetInMemory {
  explicit FleetInMemory(FallbackManagerOptions how = {}) : fleet(memory, clock, std::move(how)) {}

  ManualClock clock{at(0)};
  storage::MemoryStorage memory{clock};
  Fleet fleet;
};

}  // namespace rz::fallback
