#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "rz/storage/memory_storage.h"
#include "rz/storage/storage_wrapper.h"
#include "sim/scheduler.h"

namespace rz::sim {

/// The time of the simulation, which is the store's.
class WorldClock final : public Clock {
 public:
  explicit WorldClock(Scheduler& scheduler) : scheduler_(scheduler) {}
  TimePoint now() const override { return scheduler_.now(); }
  std::chrono::nanoseconds monotonic() const override { return scheduler_.uptime(); }
  void sleep_for(Micros duration) override { scheduler_.wait(duration); }

 private:
  Scheduler& scheduler_;
};

/// The clock of a host, which may be wrong and may be set.
class HostClock final : public Clock {
 public:
  HostClock(Scheduler& scheduler, const Micros& ahead) : scheduler_(scheduler), ahead_(ahead) {}
  TimePoint now() const override { return scheduler_.now() + ahead_; }
  std::chrono::nanoseconds monotonic() const override { return scheduler_.uptime(); }
  void sleep_for(Micros duration) override { scheduler_.wait(duration); }

 private:
  Scheduler& scheduler_;
  const Micros& ahead_;
};

/// How likely each fault of a call to the store is now, in percent.
struct NetworkFaults {
  bool down = false;  ///< Nobody reaches the store.
  int request_lost = 0;
  int answer_lost = 0;
  int late = 0;  ///< Of commits: the request arrives after its sender has given up.
  int slow = 0;
};

/// What a store holds.
struct Copy {
  std::map<std::string, std::string> keys;
  std::vector<LogRecord> records;
};

/// The server: a store that can be copied, set back and emptied.
class Server {
 public:
  explicit Server(Scheduler& scheduler) : clock_(scheduler), storage_(clock_) {}
  Storage& storage() { return storage_; }
  Copy copy();
  void set_back(const Copy& copy);

  /// How long a call keeps the server busy: others wait for their turn.
  Micros service{};
  TimePoint free_at{};

 private:
  WorldClock clock_;
  storage::MemoryStorage storage_;
};

/// The way of one process to the server. Each call takes time, and may fail as `faults` say.
class Connection final : public storage::StorageWrapper {
 public:
  /// What watches the commits: around each that reaches the server.
  using Watch = std::function<Result<Commit>(const Batch&, const std::function<Result<Commit>()>&)>;

  Connection(Scheduler& scheduler, Server& server, const NetworkFaults& faults, const bool& cut_off,
             std::map<std::string, int>& injected, Watch watch)
      : StorageWrapper(server.storage()),
        scheduler_(scheduler),
        server_(server),
        faults_(faults),
        cut_off_(cut_off),
        injected_(injected),
        watch_(std::move(watch)) {}

  Result<std::optional<std::string>> get(std::string_view key) override;
  Result<std::vector<std::optional<std::string>>> get_many(
      std::span<const std::string> keys) override;
  Result<bool> remove(std::string_view key) override;
  Result<bool> exists(std::string_view key) override;
  Result<ScanPage> scan_keys(std::string_view glob, std::string_view cursor) override;
  Result<Commit> commit(const Batch& batch) override;
  Result<std::vector<LogRecord>> read_log(std::string_view log, const LogRange& range) override;
  Result<std::optional<TimePoint>> server_time() override;
  bool lasts() const override { return true; }

  int calls = 0;
  int failures = 0;
  std::string last_state{};  ///< What was read or written last at the key of the mode.

 private:
  template <class Call>
  auto perform(const char* what, Call call) -> decltype(call());
  tl::unexpected<Error> give_up(const char* fault, const char* what, Micros after);
  Result<Commit> reach(const Batch& batch);

  Scheduler& scheduler_;
  Server& server_;
  const NetworkFaults& faults_;
  const bool& cut_off_;
  std::map<std::string, int>& injected_;
  Watch watch_;
};

}  // namespace rz::sim
