// nemesis [--store redis|sqlite] [--commands N] [--folder PATH] RZ SEED SECONDS: several hosts run
// the real programs against a store that a seeded adversary breaks, and what they were told is
// compared with what is left. Exit 1 if something was lost, doubled, out of order or a lie; the
// folder is kept then.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "rz/base/text.h"
#include "tools/nemesis/adversary.h"
#include "tools/nemesis/judge.h"
#include "tools/nemesis/workers.h"

namespace {

using namespace rz;
using namespace rz::nemesis;

constexpr int kPatience = 20;  // Tries of what must work once nothing is broken any more.

// ---- What is left

/// A program that must work: nothing is broken any more.
bool run_whole(World& world, Command command, Remains& remains) {
  const std::string name = command.argv[0] + " " + command.argv[1];
  for (int i = 0; i < kPatience; ++i) {
    const Command ended = world.run(command, {}, true);
    if (ended.exit_code < 3 && !(ended.answer && ended.answer->offline)) return true;
    command.start = ended.start;
    if (i == kPatience - 1) {
      remains.failures.push_back("after the faults, host " + std::to_string(ended.host) + ": rz " +
                                 name + ": exit " + std::to_string(ended.exit_code) + ": " +
                                 std::string(trim(ended.error)));
    }
  }
  return false;
}

void read_calls(const World& world, const Host& host, Remains& remains) {
  static_cast<void>(world);
  std::ifstream file(host.calls());
  for (std::string line; std::getline(file, line);) {
    const std::size_t space = line.find(' ');
    if (space != std::string::npos) ++remains.calls[line.substr(space + 1)];
  }
}

void read_history(World& world, Remains& remains) {
  const Command listed = world.run(list_command(0), {}, true);
  if (listed.exit_code != 0) {
    remains.failures.push_back("after the faults, rz transitions: " + listed.error);
  }
  for (const std::string_view line : split(listed.output, '\n')) {
    if (line.empty()) continue;
    auto record = decode_transition(line);
    if (!record) {
      remains.failures.push_back("a record of the history cannot be read: " + std::string(line));
      continue;
    }
    remains.history.push_back(std::move(*record));
  }
}

/// Each host meets the store twice, so that every spool has come back; then everybody must be able
/// to decide anew, and all agree. They evaluate first: where a pin has ended and votes stand that
/// nobody has weighed since, a status is right to doubt.
Remains bring_back(World& world) {
  Remains remains;
  for (int host = 0; host < world.options().hosts; ++host) {
    run_whole(world, healthy_command(world, host), remains);
  }
  for (int host = 0; host < world.options().hosts; ++host) {
    run_whole(world, status_command(host), remains);
  }
  for (int host = 0; host < world.options().hosts; ++host) {
    const char* mode = host % 2 == 0 ? "heuristic" : "primary";
    run_whole(world, set_command(host, mode, "final-" + std::to_string(host)), remains);
    const Host& whole = world.hosts()[static_cast<std::size_t>(host)];
    if (whole.has_spool()) remains.failures.push_back(whole.name + " still has a spool");
  }
  read_history(world, remains);
  for (const Host& host : world.hosts()) read_calls(world, host, remains);
  return remains;
}

// ---- The run

Remains run(World& world) {
  const Options& options = world.options();
  const auto store =
      options.store == StoreKind::redis ? make_redis_store(world) : make_sqlite_store(world);
  for (int host = 0; host < options.hosts; ++host) {
    world.hosts()[static_cast<std::size_t>(host)].url = store->url(host);
  }
  std::vector<std::thread> threads;
  for (int host = 0; host < options.hosts; ++host) {
    for (int worker = 0; worker < options.workers; ++worker) {
      threads.emplace_back([&world, host, worker] { work(world, host, worker); });
    }
  }
  const Moment end = Moment{1'000'000} * options.seconds;
  torment(world, *store, [&] {
    if (options.commands > 0) return world.journal().commands() >= options.commands;
    return world.journal().now() >= end;
  });
  world.over = true;
  for (std::thread& thread : threads) thread.join();
  return bring_back(world);
}

void print(World& world, const Verdict& verdict) {
  const Options& options = world.options();
  std::printf(
      "nemesis: %s, seed %llu, %.1f s: commands %d, transitions sent %d, acknowledged %d, "
      "found %d, in a store that was lost %d, lost %d, doubled %d, gates %d, lies %d\n",
      options.store == StoreKind::redis ? "redis" : "sqlite",
      static_cast<unsigned long long>(options.seed),
      static_cast<double>(world.journal().now()) / 1e6, verdict.commands, verdict.sent,
      verdict.acknowledged, verdict.found, verdict.excused, verdict.lost, verdict.doubled,
      verdict.gates, verdict.lies);
  std::printf("  faults:");
  const char* comma = "";
  for (const auto& [kind, count] : world.journal().fault_counts()) {
    std::printf("%s %s %d", comma, kind.c_str(), count);
    comma = ",";
  }
  std::printf("\n");
  constexpr std::size_t kShown = 20;
  for (std::size_t i = 0; i < verdict.faults.size() && i < kShown; ++i) {
    std::printf("  FAULT: %s\n", verdict.faults[i].c_str());
  }
  if (verdict.faults.size() > kShown) {
    std::printf("  and %zu more\n", verdict.faults.size() - kShown);
  }
}

int run_and_judge(const Options& options) {
  std::filesystem::create_directories(options.folder);
  // Servers lay their folders there, too.
  ::setenv("TMPDIR", options.folder.c_str(), 1);
  World world(options);
  const Remains remains = run(world);
  const Verdict verdict = judge(world, world.journal(), remains);
  print(world, verdict);
  if (verdict.good()) return 0;
  std::ofstream history(options.folder + "/history.ndjson");
  for (const Transition& record : remains.history) history << encode(record) << "\n";
  std::printf("  run it again: scripts/nemesis --store %s %llu %d\n  every command and fault: %s\n",
              options.store == StoreKind::redis ? "redis" : "sqlite",
              static_cast<unsigned long long>(options.seed), options.seconds,
              (options.folder + "/commands.ndjson").c_str());
  return 1;
}

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::string next = i + 1 < argc ? argv[i + 1] : "";
    if (word == "--store" && (next == "redis" || next == "sqlite")) {
      options.store = next == "redis" ? StoreKind::redis : StoreKind::sqlite;
      ++i;
    } else if (word == "--commands" && parse_int(next)) {
      options.commands = static_cast<int>(*parse_int(next));
      ++i;
    } else {
      words.push_back(word);
    }
  }
  if (words.size() != 3 || !parse_int(words[1]) || !parse_int(words[2])) return std::nullopt;
  options.program = std::filesystem::absolute(words[0]);
  options.seed = static_cast<std::uint64_t>(*parse_int(words[1]));
  options.seconds = static_cast<int>(*parse_int(words[2]));
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  auto options = parse(argc, argv);
  if (!options) {
    std::fprintf(stderr, "usage: nemesis [--store redis|sqlite] [--commands N] RZ SEED SECONDS\n");
    return 3;
  }
  std::string folder = std::filesystem::temp_directory_path() / "rz-nemesis-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 3;
  options->folder = folder;
  int code = 3;
  try {
    code = run_and_judge(*options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nemesis: %s; see %s\n", error.what(), folder.c_str());
  }
  // Only what is mounted for this process alone stays behind in it, and goes with it.
  std::error_code ignored;
  if (code == 0) std::filesystem::remove_all(folder, ignored);
  return code;
}
