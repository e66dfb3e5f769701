#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "tools/nemesis/journal.h"
#include "tools/nemesis/options.h"
#include "tools/nemesis/program.h"

namespace rz::nemesis {

/// A host: a folder of its own with its state (on a small file system, if that can be made), its
/// configuration, and a file that its callbacks write to.
struct Host {
  std::string name;
  std::string folder;
  std::string url;  ///< Of the store, as this host reaches it.

  std::string state() const { return folder + "/state"; }
  std::string config() const { return folder + "/rz.yaml"; }
  /// The one that waits longer, for when the faults are over.
  std::string patient_config() const { return folder + "/patient.yaml"; }
  std::string calls() const { return folder + "/calls"; }
  bool has_spool() const;
};

/// What workers and adversary share.
class World {
 public:
  explicit World(const Options& options);

  const Options& options() const { return options_; }
  Journal& journal() { return journal_; }
  std::vector<Host>& hosts() { return hosts_; }

  /// Whether recoveries are forbidden for now: everybody pins safe and asks.
  std::atomic<bool> pinned_era = false;
  std::atomic<bool> over = false;
  /// No file may become larger: a full disk where no small file system can be made.
  std::atomic<std::size_t> max_file = 0;

  bool has_small_disks() const { return small_disks_; }
  const std::optional<std::string>& faketime() const { return faketime_; }

  /// Runs rz on `host` and adds it to the journal, which has it back.
  Command run(Command command, const Mishap& mishap, bool patient = false);

  /// Does `work` while no program runs.
  void while_nobody_runs(const std::function<void()>& work);

  /// Mounts a file system of so many KiB there, if it may.
  void make_small_disk(const std::string& path, int kib);

 private:
  void make_host(int index);

  const Options options_;
  Journal journal_;
  std::vector<Host> hosts_;
  bool small_disks_ = false;
  std::optional<std::string> faketime_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int running_ = 0;
  bool closed_ = false;
};

}  // namespace rz::nemesis
