// spawn_times ROUNDS -- COMMAND… -- COMMAND…: the median time of each command's whole process in
// microseconds, a line each. One run of each command a round, so that drift hits all alike.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

extern char** environ;

namespace {

using Command = std::vector<char*>;

std::vector<Command> read_commands(char** arguments) {
  std::vector<Command> commands;
  for (; *arguments != nullptr; ++arguments) {
    if (std::strcmp(*arguments, "--") == 0) {
      commands.emplace_back();
    } else if (!commands.empty()) {
      commands.back().push_back(*arguments);
    }
  }
  for (Command& command : commands) command.push_back(nullptr);
  return commands;
}

/// Microseconds, or a negative number if the command did not run or did not exit with 0.
double time_of(const Command& command, const posix_spawn_file_actions_t& actions) {
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (::posix_spawnp(&child, command[0], &actions, nullptr, command.data(), environ) != 0) {
    return -1;
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0) return -1;
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
      .count();
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 0;
  const auto commands = argc > 2 ? read_commands(argv + 2) : std::vector<Command>{};
  const auto empty = [](const Command& command) { return command.size() < 2; };
  if (rounds < 1 || commands.empty() || std::any_of(commands.begin(), commands.end(), empty)) {
    std::fprintf(stderr, "usage: spawn_times ROUNDS -- COMMAND... -- COMMAND...\n");
    return 3;
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);

  std::vector<std::vector<double>> times(commands.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < commands.size(); ++i) {
      times[i].push_back(time_of(commands[i], actions));
      if (times[i].back() < 0) {
        std::fprintf(stderr, "spawn_times: %s failed\n", commands[i][0]);
        return 3;
      }
    }
  }
  for (auto& samples : times) {
    std::nth_element(samples.begin(), samples.begin() + rounds / 2, samples.end());
    std::printf("%.0f\n", samples[static_cast<std::size_t>(rounds) / 2]);
  }
  return 0;
}
