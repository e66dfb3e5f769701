#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/offline/spool.h"
#include "rz/storage/bounded_storage.h"
#include "sim/judge.h"
#include "sim/scheduler.h"
#include "sim/store.h"

namespace rz::sim {

/// A machine: a clock, a disk, a way to the store, and what rz keeps there.
struct Host {
  std::string name;
  std::string folder;
  Micros ahead{};        ///< How far its clock is ahead of the store's.
  bool cut_off = false;  ///< It alone does not reach the store.
  Disk disk{};
  std::vector<std::shared_ptr<Task>> processes{};
};

/// What a process of rz is told to do.
enum class Command { evaluate, set, release, status, reconcile, retry, drop };

/// What may go wrong in a seed: a random part of all.
struct Faults {
  bool requests = false, answers = false, late = false, slow = false;
  bool outages = false, cut_offs = false, set_backs = false, emptied = false;
  bool disks = false, clocks = false, kills = false, pauses = false, bad_calls = false;
  bool few_attempts = false;  ///< A call is given up after two failures.
};

/// The outcome of a seed.
struct Outcome {
  std::vector<std::string> faults{};
  std::map<std::string, int> injected{};
  int processes = 0;
  int commits = 0;
  int conflicts = 0;
  int at_once = 0;
};

/// Several hosts that run rz against one store, while the faults of a seed happen; then the faults
/// end, and all must agree.
class World {
 public:
  /// `folder`: an empty one, for the files of the hosts.
  World(std::uint64_t seed, std::string folder, bool traced);
  Outcome run();

 private:
  void choose_faults();
  void plan_faults();
  void plan_fault(Micros from);
  void begin_fault(int kind, Micros lasting);
  void plan_processes();
  void start_process(Host& host, Command command);
  void end_faults();
  void everybody(Command command);
  void come_back();
  bool is_quiet();
  std::optional<fallback::ModeState> known_of(const Host& host) const;
  void run_process(Host& host, Command command);
  void register_calls(const Host& host, FallbackManager& manager, const Connection& connection,
                      storage::BoundedStorage& bounded);
  void note_instead(const Host& host);
  Result<Evaluation> perform(FallbackManager& manager, Command command);
  void order_call(FallbackManager& manager, Command command);
  void note_answer(const Host& host, const Evaluation& answer, const Connection& connection,
                   const std::optional<fallback::ModeState>& known, Micros begun);
  HealthState health();

  Scheduler scheduler_;
  Server server_;
  Judge judge_;
  std::vector<std::unique_ptr<Host>> hosts_;
  Faults may_{};
  NetworkFaults network_{};
  Copy copy_{};
  Outcome outcome_{};
  std::int64_t orders_ = 0;
  bool calm_ = false;  ///< The faults are over.
};

}  // namespace rz::sim
