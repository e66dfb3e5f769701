#include "tools/nemesis/program.h"

#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::nemesis {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

// Not how fast a program must be: one that runs for so long will never end.
constexpr std::chrono::minutes kHung{10};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// All that the child needs, made before the fork: behind it nothing may be allocated.
struct Prepared {
  explicit Prepared(const ProgramRun& run) : run_(run), argv_texts(run.argv) {
    for (const auto& [name, value] : run.environment) {
      environment_texts.push_back(name + "=" + value);
    }
    // For programs with a sanitizer: looking for leaks doubles what a short one takes.
    environment_texts.emplace_back("ASAN_OPTIONS=detect_leaks=0");
    argv = pointers(argv_texts);
    environment = pointers(environment_texts);
    output.reset(::memfd_create("output", MFD_CLOEXEC));
    error.reset(::memfd_create("error", MFD_CLOEXEC));
    parent = ::getpid();
  }

  [[noreturn]] void exec() const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    // Not everybody may: then all hosts have one name.
    if (!run_.host.empty() && ::unshare(CLONE_NEWUTS) == 0) {
      (void)!::sethostname(run_.host.data(), run_.host.size());
    }
    if (run_.max_file) {
      const rlimit limit{*run_.max_file, *run_.max_file};
      ::setrlimit(RLIMIT_FSIZE, &limit);
      ::signal(SIGXFSZ, SIG_IGN);
    }
    if (::chdir(run_.folder.c_str()) != 0) ::_exit(127);
    ::dup2(output.get(), STDOUT_FILENO);
    ::dup2(error.get(), STDERR_FILENO);
    ::execve(argv[0], argv.data(), environment.data());
    ::_exit(127);
  }

  const ProgramRun& run_;
  std::vector<std::string> argv_texts;
  std::vector<std::string> environment_texts;
  std::vector<char*> argv;
  std::vector<char*> environment;
  UniqueFd output;
  UniqueFd error;
  pid_t parent = 0;
};

std::string text_of(int file) {
  std::string text;
  char part[16 * 1024];
  off_t at = 0;
  for (ssize_t size = 0; (size = ::pread(file, part, sizeof part, at)) > 0; at += size) {
    text.append(part, static_cast<std::size_t>(size));
  }
  return text;
}

/// Whether it has ended.
bool wait_until(const UniqueFd& process, Clock::time_point time) {
  pollfd waited{process.get(), POLLIN, 0};
  const auto left = std::chrono::duration_cast<microseconds>(time - Clock::now()).count();
  if (left > 0) {
    const timespec span{left / 1'000'000, (left % 1'000'000) * 1'000};
    ::ppoll(&waited, 1, &span, nullptr);
  } else {
    ::poll(&waited, 1, 0);
  }
  return (waited.revents & POLLIN) != 0;
}

// The programs that `parent` has started; each leads a process group.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code error;
  for (const auto& process : std::filesystem::directory_iterator("/proc", error)) {
    const auto pid = parse_int(process.path().filename().string());
    if (!pid) continue;
    const auto text = read_file(process.path() / "stat", 4096);
    if (!text) continue;
    // Behind the name, which may hold anything: the state, and the parent.
    const std::vector<std::string_view> fields =
        split(std::string_view(*text).substr(text->rfind(')') + 1), ' ');
    if (fields.size() > 2 && parse_int(fields[2]) == parent) {
      children.push_back(static_cast<pid_t>(*pid));
    }
  }
  return children;
}

// Whether it was killed before it ended.
bool kill_once_it_has_children(pid_t pid, const UniqueFd& process) {
  std::vector<pid_t> children;
  while ((children = children_of(pid)).empty()) {
    if (wait_until(process, Clock::now() + std::chrono::milliseconds{1})) return false;
  }
  const bool killed = ::kill(pid, SIGKILL) == 0;
  for (const pid_t child : children) {
    ::kill(child, SIGKILL);
    ::kill(-child, SIGKILL);
  }
  return killed;
}

void harm(pid_t pid, const UniqueFd& process, const Mishap& mishap, ProgramEnd& end) {
  const auto start = Clock::now();
  if (mishap.kind == Mishap::Kind::none) return;
  if (mishap.kind == Mishap::Kind::kill_in_callback) {
    end.killed = kill_once_it_has_children(pid, process);
    return;
  }
  if (wait_until(process, start + mishap.after)) return;
  if (mishap.kind == Mishap::Kind::kill) {
    end.killed = ::kill(pid, SIGKILL) == 0;
    return;
  }
  ::kill(pid, SIGSTOP);
  wait_until(process, Clock::now() + mishap.stopped);
  ::kill(pid, SIGCONT);
}

}  // namespace

ProgramEnd run_program(const ProgramRun& run) {
  const Prepared prepared(run);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("cannot fork: " + errno_text(errno));
  if (pid == 0) prepared.exec();
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) throw std::runtime_error("cannot watch a program: " + errno_text(errno));
  ProgramEnd end;
  harm(pid, process, run.mishap, end);
  if (!wait_until(process, Clock::now() + kHung)) {
    end.hung = true;
    ::kill(pid, SIGKILL);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  end.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  // It may have ended by itself just before.
  end.killed = end.killed && end.exit_code == 128 + SIGKILL;
  end.output = text_of(prepared.output.get());
  end.error = text_of(prepared.error.get());
  return end;
}

std::optional<std::string> faketime_library() {
#if defined(RZ_SANITIZED)
  return std::nullopt;  // A sanitizer's own library must come first.
#else
  std::error_code error;
  for (const auto& folder : std::filesystem::directory_iterator("/usr/lib", error)) {
    const auto file = folder.path() / "faketime/libfaketime.so.1";
    if (std::filesystem::exists(file, error)) return file.string();
  }
  return std::nullopt;
#endif
}

}  // namespace rz::nemesis
