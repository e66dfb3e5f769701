#include "rz/bench/program_runner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/file.h"
#include "rz/base/foreground.h"
#include "rz/base/programs_that_run.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/command_words.h"

extern char** environ;

namespace rz::bench {
namespace {

using std::chrono::steady_clock;

// The time between SIGTERM and SIGKILL.
constexpr Millis kTermGrace{1'000};
// How long a signal that came just before the wait may go unseen.
constexpr Millis kAskAgain{200};
// Kernels before 5.3 do not tell when a process ends.
constexpr Millis kLookAgain{1};
constexpr Millis kForever = std::chrono::hours{24 * 3650};

std::vector<char*> c_strings(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

double as_nanoseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3;
}

/// What messages about the program name; nothing where the benchmark, which they name before, is
/// called after it.
std::string place_of(const ProgramOptions& options) {
  if (!options.called.empty()) return options.called;
  const std::string word = join_command({options.argv.front()});
  const bool named = options.name == word || options.name.starts_with(word + " ");
  return named ? "" : printable(options.argv.front());
}

bool has_ended(pid_t child) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
         info.si_pid == child;
}

/// Waits until `child` has ended, for at most so long; a signal ends the wait, too.
void wait_a_while(const UniqueFd& ended, Millis longest) {
  // poll() passes over negative descriptors.
  pollfd poller{ended.get(), POLLIN, 0};
  if (!ended) longest = std::min(longest, kLookAgain);
  (void)::poll(&poller, 1, static_cast<int>(longest.count()));
}

}  // namespace

ProgramOptions preparation_of(const ProgramOptions& options) {
  ProgramOptions preparation = options;
  preparation.argv = std::exchange(preparation.prepare, {});
  preparation.called = "the preparation";
  return preparation;
}

ProgramRunner::ProgramRunner(const ProgramOptions& options, std::vector<std::string> under)
    : words_(std::move(under)),
      where_(place_of(options)),
      under_(words_.empty() ? "" : " under " + words_.front()),
      advice_(options.advice),
      any_exit_code_(options.any_exit_code),
      timeout_(options.timeout),
      stop_(options.stop) {
  ::posix_spawn_file_actions_init(&actions_);
  ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, options.input.c_str(), O_RDONLY, 0);
  if (options.show_output) {
    // Standard output is for the report.
    ::posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
  } else {
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  if (!options.output.empty()) {
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, options.output.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0600);
  }
  // Its signals are as a shell would set them, whatever this process ignores or blocks.
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_init(&attributes_);
  ::posix_spawnattr_setpgroup(&attributes_, 0);
  ::posix_spawnattr_setsigmask(&attributes_, &none);
  ::posix_spawnattr_setsigdefault(&attributes_, &all);
  ::posix_spawnattr_setflags(
      &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  words_.insert(words_.end(), options.argv.begin(), options.argv.end());
  argv_ = c_strings(words_);
  set_environment(options.environment);
}

ProgramRunner::~ProgramRunner() {
  ::posix_spawn_file_actions_destroy(&actions_);
  ::posix_spawnattr_destroy(&attributes_);
}

void ProgramRunner::set_environment(const std::vector<std::pair<std::string, std::string>>& added) {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (std::none_of(added.begin(), added.end(),
                     [&](const auto& pair) { return pair.first == name; })) {
      environment_.emplace_back(text);
    }
  }
  for (const auto& pair : added) environment_.push_back(pair.first + "=" + pair.second);
  environment_pointers_ = c_strings(environment_);
}

Error ProgramRunner::stopped() const { return {ErrorCode::unavailable, "was stopped", where_}; }

Result<ProgramUse> ProgramRunner::run() {
  exit_code_.reset();
  if (is_stopped()) return fail(stopped());
  TRY_ASSIGN(const pid_t child, start());
  const std::optional<Error> ended_early = await_end(child);
  int status = 0;
  rusage used{};
  pid_t reaped = -1;
  do {
    reaped = ::wait4(child, &status, 0, &used);
  } while (reaped < 0 && errno == EINTR);
  forget_program(child);
  if (reaped < 0) return fail(ErrorCode::internal, "cannot wait: " + errno_text(errno), where_);
  if (ended_early) return fail(*ended_early);
  if (WIFEXITED(status)) exit_code_ = WEXITSTATUS(status);
  TRY(check_end(status));
  // What this process had before is the least that the system says of one that it starts.
  rusage own{};
  ::getrusage(RUSAGE_SELF, &own);
  // Linux counts in KiB.
  return ProgramUse{as_nanoseconds(used.ru_utime), as_nanoseconds(used.ru_stime),
                    std::int64_t{used.ru_maxrss} * 1024, used.ru_maxrss <= own.ru_maxrss};
}

Result<pid_t> ProgramRunner::start() {
  pid_t child = -1;
  const ProgramStart begun;
  if (!begun.is_allowed()) return fail(stopped());
  const int error = ::posix_spawnp(&child, argv_[0], &actions_, &attributes_, argv_.data(),
                                   environment_pointers_.data());
  if (error != 0) {
    return fail(error == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
                "cannot run: " + errno_text(error), where_);
  }
  note_program(child);
  return child;
}

std::optional<Error> ProgramRunner::await_end(pid_t child) const {
  // While the child runs, so that it does not count.
  const UniqueFd ended(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  const auto begin = steady_clock::now();
  std::optional<Error> why;
  auto deadline = begin + (timeout_ ? std::min(*timeout_, kForever) : kForever);
  while (!has_ended(child)) {
    const auto now = steady_clock::now();
    if (why && now >= deadline) {
      ::kill(-child, SIGKILL);
      break;
    }
    if (!why && is_stopped()) {
      why = stopped();
    } else if (!why && now >= deadline) {
      why = Error{ErrorCode::timeout, "did not end within " + format_duration(*timeout_) + under_,
                  where_};
    } else {
      const auto left = std::min<steady_clock::duration>(deadline - now, kAskAgain);
      wait_a_while(ended, std::chrono::ceil<Millis>(left));
      continue;
    }
    ::kill(-child, SIGTERM);
    deadline = now + kTermGrace;
  }
  // Nothing that it started may go on running. It is not reaped yet, so that its number is its own.
  if (why) ::kill(-child, SIGKILL);
  return why;
}

Result<void> ProgramRunner::check_end(int status) const {
  if (WIFSIGNALED(status)) {
    return fail(ErrorCode::unavailable, "was ended by " + signal_name(WTERMSIG(status)) + under_,
                where_);
  }
  if (WEXITSTATUS(status) == 0 || any_exit_code_) return {};
  std::string message = "ended with exit code " + std::to_string(WEXITSTATUS(status)) + under_;
  if (!advice_.empty()) message += "; " + advice_;
  return fail(ErrorCode::unavailable, message, where_);
}

}  // namespace rz::bench
