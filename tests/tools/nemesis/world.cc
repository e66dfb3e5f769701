#include "tools/nemesis/world.h"

#include <sched.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "rz/base/file.h"

namespace rz::nemesis {
namespace {

namespace fs = std::filesystem;

// A mount of this process and its children alone: it goes with them, however they end.
bool may_mount() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

// The callbacks of some hosts take their time before they have done what they are for.
void write_config(const std::string& path, const Host& host, const char* storage, bool slow) {
  std::ofstream(path) << "storage: " << storage << "\n"
                      << "fallback: {callbacks: {safe: {command: [/bin/sh, -c, '"
                      << (slow ? "sleep 0.02; " : "") << "echo \"$$RZ_EPOCH $$RZ_REASON\" >> "
                      << host.calls() << "']}}}\n";
}

}  // namespace

bool Host::has_spool() const {
  std::error_code error;
  for (const auto& file : fs::directory_iterator(state() + "/rz/spool", error)) {
    if (file.path().extension() == ".spool") return true;
  }
  return false;
}

World::World(const Options& options)
    : options_(options),
      journal_(options.folder + "/commands.ndjson"),
      small_disks_(may_mount()),
      faketime_(faketime_library()) {
  for (int i = 0; i < options_.hosts; ++i) make_host(i);
}

void World::make_host(int index) {
  Host host;
  host.name = "host-" + std::to_string(index);
  host.folder = options_.folder + "/" + host.name;
  fs::create_directories(host.state());
  fs::permissions(host.folder, fs::perms::owner_all);
  make_small_disk(host.state(), 512);
  write_config(host.config(), host,
               "{timeout: 400ms, max_retries: 1, retry_delay: 20ms, deadline: 1s}", index % 2 == 0);
  write_config(host.patient_config(), host, "{timeout: 20s, max_retries: 20, deadline: 2m}", false);
  hosts_.push_back(std::move(host));
}

void World::make_small_disk(const std::string& path, int kib) {
  fs::create_directories(path);
  if (!small_disks_) return;
  const std::string size = "mode=0700,size=" + std::to_string(kib) + "k";
  small_disks_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, size.c_str()) == 0;
}

Command World::run(Command command, const Mishap& mishap, bool patient) {
  const Host& host = hosts_[static_cast<std::size_t>(command.host)];
  ProgramRun run;
  run.argv = command.argv;
  run.argv.insert(run.argv.begin(), options_.program);
  run.folder = host.folder;
  run.host = host.name;
  run.mishap = mishap;
  run.environment = {{"PATH", "/usr/bin:/bin"},
                     {"XDG_STATE_HOME", host.state()},
                     {"XDG_CONFIG_HOME", host.folder + "/no-config"},
                     {"HOME", host.folder},
                     {"RZ_CONFIG", patient ? host.patient_config() : host.config()},
                     {"RZ_STORAGE_URL", host.url}};
  if (!mishap.clock.empty()) {
    run.environment.emplace_back("LD_PRELOAD", *faketime_);
    run.environment.emplace_back("FAKETIME", mishap.clock);
    run.environment.emplace_back("FAKETIME_DONT_FAKE_MONOTONIC", "1");
  }
  if (max_file > 0) run.max_file = max_file;
  command.clock = mishap.clock;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !closed_; });
    ++running_;
  }
  command.start = journal_.now();
  ProgramEnd end = run_program(run);
  command.end = journal_.now();
  {
    const std::lock_guard lock(mutex_);
    --running_;
    changed_.notify_all();
  }
  command.exit_code = end.exit_code;
  command.killed = end.killed;
  command.hung = end.hung;
  command.output = std::move(end.output);
  command.error = std::move(end.error);
  return journal_.add(std::move(command));
}

void World::while_nobody_runs(const std::function<void()>& work) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  changed_.wait(lock, [this] { return running_ == 0; });
  work();
  closed_ = false;
  changed_.notify_all();
}

}  // namespace rz::nemesis
