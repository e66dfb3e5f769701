#include "rz/base/foreground.h"

#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include <cerrno>
#include <ctime>

#include "rz/base/file.h"
#include "rz/base/text.h"

extern char** environ;

namespace rz {
namespace {

constexpr int kRelayed[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
constexpr int kNotFound = 127;
constexpr int kCannotRun = 126;

bool is_ignored(int signal) {
  struct sigaction action {};
  ::sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

ForegroundResult not_started(int error, const std::string& program) {
  ForegroundResult result;
  const bool missing = error == ENOENT;
  result.exit_code = missing ? kNotFound : kCannotRun;
  result.not_started = Error{missing ? ErrorCode::not_found : ErrorCode::unavailable,
                             "cannot run: " + errno_text(error), printable(program)};
  return result;
}

// run_program ignores these; the program gets them as a shell would start it.
sigset_t signals_to_restore() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGCHLD}) ::sigaddset(&set, signal);
  return set;
}

}  // namespace

Foreground::Foreground() {
  // Where SIGCHLD is ignored the system throws away how a program ended.
  std::signal(SIGCHLD, SIG_DFL);
  ::sigemptyset(&held_);
  ::sigaddset(&held_, SIGCHLD);
  for (const int signal : kRelayed) {
    if (!is_ignored(signal)) ::sigaddset(&held_, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &held_, &before_);
}

Foreground::~Foreground() {
  const timespec now{};
  while (::sigtimedwait(&held_, nullptr, &now) > 0) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> Foreground::told_to_end() const {
  sigset_t pending;
  ::sigpending(&pending);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    if (::sigismember(&held_, signal) == 1 && ::sigismember(&pending, signal) == 1) return signal;
  }
  return std::nullopt;
}

ForegroundResult Foreground::run(std::vector<std::string> argv) {
  std::vector<char*> arguments;
  for (std::string& text : argv) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  const sigset_t defaults = signals_to_restore();
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setsigmask(&attributes, &before_);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t process = -1;
  const int error =
      ::posix_spawnp(&process, arguments.front(), nullptr, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return not_started(error, argv.front());
  return wait_for(process);
}

ForegroundResult Foreground::wait_for(int process) {
  ForegroundResult result;
  while (true) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&held_, &info);
    if (signal < 0) continue;
    if (signal != SIGCHLD) {
      // One of the kernel's is of the terminal: the program has it already, as it is in the same
      // process group.
      if (info.si_code <= 0) ::kill(process, signal);
      continue;
    }
    int status = 0;
    if (::waitpid(process, &status, WNOHANG) != process) continue;
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    result.exit_code = result.signal ? 128 + *result.signal : WEXITSTATUS(status);
    return result;
  }
}

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

}  // namespace rz
