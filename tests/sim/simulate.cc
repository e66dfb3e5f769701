// simulate [--seeds COUNT] [FIRST]: runs so many seeds from FIRST on (100 from 1 on). simulate
// --trace SEED: one, with a line for each event. simulate --hosts COUNT [--at-once] [SEED]: what a
// fleet asks of one store. Exit 1 if something that must hold does not; what to run to see it is
// printed.

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/text.h"
#include "sim/fleet.h"
#include "sim/world.h"

namespace {

using namespace rz;

struct Arguments {
  std::int64_t first = 1;
  std::int64_t count = 100;
  std::optional<int> hosts{};
  bool traced = false;
  bool at_once = false;
};

volatile std::sig_atomic_t last_seed = 0;

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

int run_seeds(const Arguments& arguments, const std::string& folder) {
  const auto begun = std::chrono::steady_clock::now();
  sim::Outcome all;
  int failed = 0;
  for (std::int64_t seed = arguments.first; seed < arguments.first + arguments.count; ++seed) {
    const sim::Outcome outcome = run_seed(seed, folder, arguments.traced);
    all.processes += outcome.processes;
    all.commits += outcome.commits;
    all.conflicts += outcome.conflicts;
    all.at_once += outcome.at_once;
    for (const auto& [kind, count] : outcome.injected) all.injected[kind] += count;
    if (outcome.faults.empty()) continue;
    ++failed;
    std::printf("seed %lld: %s (%zu in all)\n  simulate --trace %lld\n",
                static_cast<long long>(seed), outcome.faults[0].c_str(), outcome.faults.size(),
                static_cast<long long>(seed));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf(
      "%lld seeds in %.1f s, %d failed: %d processes, %d commits, %d refused, %d runs beside one "
      "that was "
      "paused or cut off\n  faults:",
      static_cast<long long>(arguments.count), took.count(), failed, all.processes, all.commits,
      all.conflicts, all.at_once);
  for (const auto& [kind, count] : all.injected) std::printf(" %s %d,", kind.c_str(), count);
  std::printf("\n");
  return failed > 0 ? 1 : 0;
}

std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto number = parse_int(word == "--seeds" || word == "--hosts" || word == "--trace"
                                      ? (i + 1 < argc ? argv[++i] : "")
                                      : word);
    if (word == "--at-once") {
      arguments.at_once = true;
      continue;
    }
    if (!number || *number < 1) return std::nullopt;
    if (word == "--hosts") {
      arguments.hosts = static_cast<int>(*number);
    } else if (word == "--seeds") {
      arguments.count = *number;
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
                 "usage: simulate [--seeds COUNT] [FIRST] | --trace SEED | --hosts COUNT "
                 "[--at-once] [SEED]\n");
    return 3;
  }
  std::signal(SIGABRT, tell_seed);
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
