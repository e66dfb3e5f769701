#include "rz/health/machine/process_table.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::health {
namespace {

// A command line has no limit but the system's for all arguments; what is searched is its
// beginning.
constexpr std::size_t kMaxCommandBytes = 2 * 1024 * 1024;
// The kernel cuts the name of a program to so many bytes.
constexpr std::size_t kCutName = 15;

struct FolderCloser {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

/// What stands in /proc/PID/stat: `PID (NAME) STATE …`, where NAME may hold anything.
struct Stat {
  std::string name;
  char state = '?';
  std::uint64_t rss_pages = 0;
  Micros started{0};
};

std::optional<Stat> parse_stat(std::string_view text) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  Stat stat;
  stat.name = text.substr(open + 1, close - open - 1);
  const std::string_view rest = trim(text.substr(close + 1));
  const auto fields = split(rest, ' ');
  // State is field 3 of proc(5), starttime field 22, and rss field 24.
  constexpr std::size_t kStartTime = 22 - 3;
  constexpr std::size_t kRss = 24 - 3;
  if (fields.front().empty() || fields.size() <= kRss) return std::nullopt;
  stat.state = fields.front().front();
  stat.rss_pages =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, parse_int(fields[kRss]).value_or(0)));
  static const auto kTicks = std::max<std::int64_t>(1, ::sysconf(_SC_CLK_TCK));
  const std::int64_t ticks = parse_int(fields[kStartTime]).value_or(0);
  // Divided first, so that no number of a broken file overflows.
  stat.started = std::chrono::seconds{ticks / kTicks} + Micros{ticks % kTicks * 1'000'000 / kTicks};
  return stat;
}

std::string joined_arguments(std::string text) {
  while (!text.empty() && text.back() == '\0') text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

// A name that fills its 15 bytes may go on: the whole one is that of the program that was started.
std::string whole_name(std::string cut, std::string_view arguments) {
  if (cut.size() < kCutName) return cut;
  std::string_view program = arguments.substr(0, arguments.find('\0'));
  program.remove_prefix(program.rfind('/') + 1);  // Without a slash that is 0.
  return program.starts_with(cut) ? std::string(program) : cut;
}

std::optional<ProcessEntry> read_process(const std::string& folder, pid_t pid) {
  const auto text = read_file(folder + "/stat", 64 * 1024);
  const auto stat = text ? parse_stat(*text) : std::nullopt;
  if (!stat || stat->state == 'Z' || stat->state == 'X') return std::nullopt;
  const std::string arguments = read_file(folder + "/cmdline", kMaxCommandBytes).value_or("");
  static const auto kPageBytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return ProcessEntry{pid,
                      whole_name(stat->name, arguments),
                      joined_arguments(arguments),
                      stat->rss_pages * kPageBytes,
                      stat->started,
                      stat->state == 'T' || stat->state == 't'};
}

}  // namespace

std::optional<Micros> process_start(pid_t pid, const std::string& proc_folder) {
  const auto text = read_file(proc_folder + "/" + std::to_string(pid) + "/stat", 64 * 1024);
  const auto stat = text ? parse_stat(*text) : std::nullopt;
  if (!stat) return std::nullopt;
  return stat->started;
}

Result<ProcessTable> read_process_table(const std::string& proc_folder) {
  const std::unique_ptr<DIR, FolderCloser> folder(::opendir(proc_folder.c_str()));
  if (!folder) return fail_own_side(ErrorCode::unavailable, errno_text(errno), proc_folder);
  ProcessTable table;
  while (const dirent* entry = ::readdir(folder.get())) {
    const auto pid = parse_int(entry->d_name);
    if (!pid || *pid <= 0 || *pid == ::getpid()) continue;
    const std::string path = proc_folder + "/" + entry->d_name;
    if (auto process = read_process(path, static_cast<pid_t>(*pid))) {
      table.processes.push_back(*std::move(process));
    } else if (::access((path + "/stat").c_str(), R_OK) != 0 && errno != ENOENT) {
      table.incomplete = true;  // hidepid=1
    }
  }
  // Every namespace of processes has a first one; hidepid=2 hides it.
  if (::access((proc_folder + "/1").c_str(), F_OK) != 0) table.incomplete = true;
  return table;
}

}  // namespace rz::health
