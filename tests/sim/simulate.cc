// simulate [--seeds COUNT] [--jobs COUNT] [FIRST]: runs so many seeds from FIRST on (100 from 1
// on), in so many processes (one for each core). simulate --trace SEED: one, with a line for each
// event. simulate --hosts COUNT [--at-once] [SEED]: what a fleet asks of one store. simulate
// --disagree: what two hosts do that see different things. Exit 1 if something that must hold does
// not; what to run to see it is printed.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "rz/base/text.h"
#include "sim/disagreement.h"
#include "sim/fleet.h"
#include "sim/world.h"

namespace {

using namespace rz;

struct Arguments {
  std::int64_t first = 1;
  std::int64_t count = 100;
  std::int64_t jobs = std::max(1U, std::thread::hardware_concurrency());
  std::optional<int> hosts{};
  bool traced = false;
  bool at_once = false;
  bool disagree = false;
};

thread_local volatile std::sig_atomic_t last_seed = 0;

// A broken invariant of rz ends the process: the seed is told all the same.
void tell_seed(int) {
  std::fprintf(stderr, "seed %d ended the process: simulate --trace %d\n",
               static_cast<int>(last_seed), static_cast<int>(last_seed));
  std::_Exit(1);
}

/// A folder in memory, where there is one: the disk is simulated.
std::string make_folder() {
  const bool shared = ::access("/dev/shm", W_OK) == 0;
  std::string folder =
      (shared ? std::string("/dev/shm") : std::filesystem::temp_directory_path().string()) +
      "/rz-sim-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) std::exit(3);
  return folder;
}

sim::Outcome run_seed(std::int64_t seed, const std::string& folder, bool traced) {
  last_seed = static_cast<std::sig_atomic_t>(seed);
  const std::string own = folder + "/" + std::to_string(seed);
  std::filesystem::create_directory(own);
  sim::Outcome outcome = sim::World(static_cast<std::uint64_t>(seed), own, traced).run();
  std::filesystem::remove_all(own);
  return outcome;
}

/// What came of many seeds.
struct Sum {
  std::mutex mutex{};
  std::int64_t failed = 0, processes = 0, commits = 0, conflicts = 0, at_once = 0;
  std::map<std::string, std::int64_t> injected{};
};

void add(Sum& sum, std::int64_t seed, const sim::Outcome& outcome) {
  const std::lock_guard lock(sum.mutex);
  sum.processes += outcome.processes;
  sum.commits += outcome.commits;
  sum.conflicts += outcome.conflicts;
  sum.at_once += outcome.at_once;
  for (const auto& [kind, count] : outcome.injected) sum.injected[kind] += count;
  if (outcome.faults.empty()) return;
  ++sum.failed;
  fmt::print("seed {}: {} ({} in all)\n  simulate --trace {}\n", seed, outcome.faults[0],
             outcome.faults.size(), seed);
  std::fflush(stdout);
}

int run_seeds(const Arguments& arguments, const std::string& folder) {
  const auto begun = std::chrono::steady_clock::now();
  Sum sum;
  std::atomic<std::int64_t> next = arguments.first;
  const std::int64_t end = arguments.first + arguments.count;
  const auto work = [&] {
    for (std::int64_t seed = next++; seed < end; seed = next++) {
      add(sum, seed, run_seed(seed, folder, arguments.traced));
    }
  };
  std::vector<std::thread> others;
  for (std::int64_t job = 1; job < arguments.jobs; ++job) others.emplace_back(work);
  work();
  for (std::thread& each : others) each.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  fmt::print(
      "{} seeds in {:.1f} s, {} failed: {} processes, {} commits, {} refused, {} runs of a call "
      "beside one that was paused or cut off\n  faults:",
      arguments.count, took.count(), sum.failed, sum.processes, sum.commits, sum.conflicts,
      sum.at_once);
  const char* separator = " ";
  for (const auto& [kind, count] : sum.injected) {
    fmt::print("{}{} {}", std::exchange(separator, ", "), count, kind);
  }
  fmt::print("\n");
  return sum.failed > 0 ? 1 : 0;
}

std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--at-once" || word == "--disagree") {
      (word == "--at-once" ? arguments.at_once : arguments.disagree) = true;
      continue;
    }
    const auto number = parse_int(!word.starts_with("--") ? word : i + 1 < argc ? argv[++i] : "");
    if (!number || *number < 1) return std::nullopt;
    if (word == "--hosts") {
      arguments.hosts = static_cast<int>(*number);
    } else if (word == "--seeds") {
      arguments.count = *number;
    } else if (word == "--jobs") {
      arguments.jobs = *number;
    } else if (word.starts_with("--") && word != "--trace") {
      return std::nullopt;
    } else {
      arguments.first = *number;
      if (word == "--trace") {
        arguments.traced = true;
        arguments.count = 1;
      }
    }
  }
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = parse(argc, argv);
  if (!arguments) {
    std::fprintf(stderr,
                 "usage: simulate [--seeds COUNT] [--jobs COUNT] [FIRST] | --trace SEED | "
                 "--hosts COUNT [--at-once] [SEED] | --disagree\n");
    return 3;
  }
  std::signal(SIGABRT, tell_seed);
  if (arguments->disagree) return sim::simulate_disagreement() ? 0 : 1;
  if (arguments->hosts) {
    sim::simulate_fleet({.seed = static_cast<std::uint64_t>(arguments->first),
                         .hosts = *arguments->hosts,
                         .at_once = arguments->at_once});
    return 0;
  }
  const std::string folder = make_folder();
  const int code = run_seeds(*arguments, folder);
  std::filesystem::remove_all(folder);
  return code;
}
