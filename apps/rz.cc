// The dispatcher: `rz COMMAND …` becomes the program `rz-COMMAND`. It stands before every command,
// so it is linked statically, uses no iostreams and no library of rz, and replaces itself (execv).

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr int kCouldNotTell = 3;

struct Command {
  const char* name;
  const char* summary;
};

constexpr Command kCommands[] = {
    {"health", "Run health checks and report them"},
    {"cascade", "Decide from health how degraded the system runs"},
    {"cond", "Evaluate safe condition strings"},
    {"transitions", "Show the history of mode transitions"},
    {"bench", "Measure what rz costs here"},
    {"config", "Check and show the configuration"},
};

std::string folder_of_this_program() {
  char path[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path - 1);
  if (length <= 0) return ".";
  const std::string whole(path, static_cast<std::size_t>(length));
  return whole.substr(0, whole.rfind('/'));
}

// In libexec/rz, where rz's own commands are, then on PATH (a team's own commands).
std::vector<std::string> candidates(const std::string& command) {
  const std::string here = folder_of_this_program();
  const std::string program = "rz-" + command;
  std::vector<std::string> paths = {here + "/../libexec/rz/" + program};
  const char* path = std::getenv("PATH");
  for (const char* start = path; start != nullptr;) {
    const char* end = std::strchr(start, ':');
    const std::string folder = end ? std::string(start, end) : std::string(start);
    if (!folder.empty() && folder.front() == '/') paths.push_back(folder + "/" + program);
    start = end ? end + 1 : nullptr;
  }
  return paths;
}

// Letters, digits, `-` and `_`: nothing that could leave the folder or steer a terminal.
bool is_command_name(const char* text) {
  if (*text == '\0' || *text == '-') return false;
  for (const char* c = text; *c; ++c) {
    const bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
    if (!letter && !(*c >= '0' && *c <= '9') && *c != '-' && *c != '_') return false;
  }
  return true;
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min(change, std::min(row[j], row[j - 1]) + 1);
    }
  }
  return row[b.size()];
}

int unknown_command(const char* text) {
  if (!is_command_name(text)) {
    std::fprintf(stderr, "rz: %s\nTry 'rz help'.\n",
                 *text == '-' ? "unknown option; options stand behind the command: rz health -v"
                              : "that is no command name");
    return kCouldNotTell;
  }
  const Command* nearest = nullptr;
  std::size_t best = 3;
  for (const Command& command : kCommands) {
    const std::size_t distance = edit_distance(text, command.name);
    if (distance < best) {
      best = distance;
      nearest = &command;
    }
  }
  std::fprintf(stderr, "rz: unknown command '%s'", text);
  if (nearest) std::fprintf(stderr, "; did you mean '%s'?", nearest->name);
  std::fprintf(stderr, "\nTry 'rz help'.\n");
  return kCouldNotTell;
}

int finish_output() {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return 0;
  std::fprintf(stderr, "rz: standard output: %s\n", std::strerror(errno));
  return kCouldNotTell;
}

int print_help() {
  std::printf(
      "rz keeps a system safe when parts of it fail.\n"
      "\n"
      "Examples:\n"
      "  rz health                       check the disk and the store\n"
      "  rz cascade --exit-code          decide how degraded the system runs\n"
      "  rz cond eval 'severity >= 0.8' --var severity=0.9\n"
      "  rz transitions --since 24h      what happened today\n"
      "\n"
      "Usage: rz COMMAND [OPTION]… [ARGUMENT]…\n"
      "\n"
      "Commands:\n");
  for (const Command& command : kCommands) {
    std::printf("  %-14s%s\n", command.name, command.summary);
  }
  std::printf(
      "  %-14s%s\n"
      "\n"
      "'rz help COMMAND' and 'man rz-COMMAND' tell more. Exit codes: 0 yes, 1 no, 2 no and\n"
      "badly, 3 could not tell.\n",
      "help", "This help, or that of a command");
  return finish_output();
}

int print_version() {
  std::printf("rz " RZ_VERSION "\n");
  return finish_output();
}

int run(const char* command, char** arguments) {
  if (!is_command_name(command)) return unknown_command(command);
  std::string denied;
  for (const std::string& path : candidates(command)) {
    ::execv(path.c_str(), arguments);
    if (errno == EACCES && denied.empty()) denied = path;
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) continue;
    std::fprintf(stderr, "rz: %s: %s\n", path.c_str(), std::strerror(errno));
    return kCouldNotTell;
  }
  for (const Command& known : kCommands) {
    if (std::strcmp(known.name, command) != 0) continue;
    if (denied.empty()) {
      std::fprintf(stderr, "rz: the program libexec/rz/rz-%s is not installed\n", command);
    } else {
      std::fprintf(stderr, "rz: %s: %s\n", denied.c_str(), std::strerror(EACCES));
    }
    return kCouldNotTell;
  }
  return unknown_command(command);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return print_help();
  const std::string first = argv[1];
  if (first == "--version") return print_version();
  const bool help = first == "help" || first == "--help" || first == "-h";
  if (!help) return run(argv[1], argv + 1);
  if (argc < 3) return print_help();
  char flag[] = "--help";
  char* arguments[] = {argv[2], flag, nullptr};
  return run(argv[2], arguments);
}
