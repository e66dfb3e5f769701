// The dispatcher: `rz COMMAND …` becomes the program `rz-COMMAND`. It stands before every command,
// so it is linked statically, uses no iostreams and no library of rz, and replaces itself (execv).

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "rz/cli/programs.h"

namespace {

constexpr int kCouldNotTell = 3;

using rz::cli::kPrograms;
using rz::cli::ProgramName;

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

// As every command, whoever asked for JSON gets an object.
bool json_wanted = false;

int refuse(const std::string& message) {
  if (json_wanted) {
    // The message holds no quote and no control character: names are checked before they are told.
    std::printf(
        "{\"schema\":\"rz/1\",\"error\":{\"code\":\"invalid_argument\",\"message\":\"%s\","
        "\"where\":\"\"}}\n",
        message.c_str());
    std::fflush(stdout);
  }
  std::fprintf(stderr, "rz: %s\nTry 'rz help'.\n", message.c_str());
  return kCouldNotTell;
}

int unknown_command(const char* text) {
  if (!is_command_name(text)) {
    return refuse("that is not a valid command name");
  }
  const ProgramName* nearest = nullptr;
  std::size_t best = 3;
  for (const ProgramName& command : kPrograms) {
    const std::size_t distance = edit_distance(text, command.name);
    if (distance < best) {
      best = distance;
      nearest = &command;
    }
  }
  std::string message = "unknown command '" + std::string(text) + "'";
  if (nearest) message += "; did you mean '" + std::string(nearest->name) + "'?";
  return refuse(message);
}

int finish_output() {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return 0;
  std::fprintf(stderr, "rz: standard output: %s\n", std::strerror(errno));
  return kCouldNotTell;
}

constexpr const char* kSummary = "rz keeps a system safe when parts of it fail.";
constexpr ProgramName kHelp = {"help", "This help, or that of a command"};

void print_command_as_json(const ProgramName& command, const char* before) {
  std::printf(
      "%s    {\"name\": \"%s\", \"summary\": \"%s\", \"operands\": [], \"options\": [], "
      "\"formats\": [], \"exits\": \"\", \"schema\": \"\"}",
      before, command.name, command.summary);
}

// As the programs write it, with the members that they have. A test says that no name and no
// summary needs escaping.
int print_help_as_json() {
  std::printf(
      "{\n  \"schema\": \"rz.help/1\",\n  \"program\": \"rz\",\n  \"summary\": \"%s\",\n"
      "  \"commands\": [\n",
      kSummary);
  const char* before = "";
  for (const ProgramName& command : kPrograms) {
    print_command_as_json(command, before);
    before = ",\n";
  }
  print_command_as_json(kHelp, before);
  std::printf("\n  ],\n  \"common_options\": []\n}\n");
  return finish_output();
}

int print_help() {
  if (json_wanted) return print_help_as_json();
  std::printf(
      "%s\n"
      "\n"
      "Examples:\n"
      "  rz health                       check the disk and the store\n"
      "  rz cascade --exit-code          decide how degraded the system runs\n"
      "  rz cond eval 'severity >= 0.8' --var severity=0.9\n"
      "  rz transitions --since 24h      what happened today\n"
      "\n"
      "Usage: rz [OPTION]… COMMAND [OPTION]… [ARGUMENT]…\n"
      "\n"
      "Commands:\n",
      kSummary);
  for (const ProgramName& command : kPrograms) {
    std::printf("  %-14s%s\n", command.name, command.summary);
  }
  std::printf(
      "  %-14s%s\n"
      "\n"
      "'rz help COMMAND' and 'man rz-COMMAND' tell more. Exit codes: 0 yes, 1 no,\n"
      "2 no and badly, 3 could not tell.\n",
      kHelp.name, kHelp.summary);
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
  for (const ProgramName& known : kPrograms) {
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

enum class Leading { flag, with_value, help, version, none };

// The options that every command takes may stand before it.
Leading leading_option(const std::string& word) {
  if (word == "--help" || word == "-h") return Leading::help;
  if (word == "--version") return Leading::version;
  if (word == "-q" || word == "--quiet" || word == "--verbose") return Leading::flag;
  if (word.size() > 1 && word[0] == '-' && word.find_first_not_of('v', 1) == std::string::npos) {
    return Leading::flag;
  }
  for (const std::string name : {"--config", "--storage", "--format", "--color"}) {
    if (word == name) return Leading::with_value;
    if (word.compare(0, name.size() + 1, name + "=") == 0) return Leading::flag;
  }
  return Leading::none;
}

bool is_own(const std::string& command) {
  return std::any_of(std::begin(kPrograms), std::end(kPrograms),
                     [&](const ProgramName& known) { return command == known.name; });
}

// `rz help COMMAND [SUBCOMMAND]`. Those of a team know --help; rz's own tell a wrong subcommand.
std::vector<char*> help_arguments(int argc, char** argv, int at) {
  static char help[] = "help";
  static char flag[] = "--help";
  std::vector<char*> arguments = {argv[at]};
  if (at + 1 < argc && is_own(argv[at])) arguments.push_back(help);
  arguments.insert(arguments.end(), argv + at + 1, argv + argc);
  if (arguments.size() == 1 || !is_own(argv[at])) arguments.push_back(flag);
  return arguments;
}

bool asks_for_json(int argc, char** argv) {
  for (int i = 1; i < argc && std::strcmp(argv[i], "--") != 0; ++i) {
    if (std::strcmp(argv[i], "--format=json") == 0) return true;
    if (std::strcmp(argv[i], "--format") != 0 || i + 1 == argc) continue;
    if (std::strcmp(argv[i + 1], "json") == 0) return true;
  }
  return false;
}

/// What stands before the command.
struct Front {
  std::vector<char*> options;
  bool help = false;
  bool version = false;
  int command = 1;         ///< Where the command stands, or the end.
  std::string wrong = {};  ///< Empty: nothing.
};

Front read_front(int argc, char** argv) {
  Front front;
  int& at = front.command;
  for (; at < argc && *argv[at] == '-'; ++at) {
    const Leading kind = leading_option(argv[at]);
    front.help = front.help || kind == Leading::help;
    front.version = front.version || kind == Leading::version;
    if (kind == Leading::none) {
      front.wrong =
          "an option before the command is one of those that every command takes, and "
          "this is none";
      return front;
    }
    front.options.push_back(argv[at]);
    if (kind != Leading::with_value) continue;
    if (at + 1 == argc) {
      front.wrong = std::string(argv[at]) + " needs a value";
      return front;
    }
    front.options.push_back(argv[++at]);
  }
  return front;
}

int run_with(std::vector<char*> arguments, const std::vector<char*>& options) {
  arguments.insert(arguments.begin() + 1, options.begin(), options.end());
  arguments.push_back(nullptr);
  return run(arguments.front(), arguments.data());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return print_help();
  json_wanted = asks_for_json(argc, argv);
  const Front front = read_front(argc, argv);
  if (!front.wrong.empty()) return refuse(front.wrong);
  const int at = front.command;
  if (at < argc && std::strcmp(argv[at], "help") == 0) {
    const bool whole = at + 1 == argc || *argv[at + 1] == '-' || !std::strcmp(argv[at + 1], "help");
    if (whole) return print_help();
    return run_with(help_arguments(argc, argv, at + 1), front.options);
  }
  if (at < argc) return run_with(std::vector<char*>(argv + at, argv + argc), front.options);
  if (front.version) return print_version();
  return front.help ? print_help() : refuse("a command is missing");
}
