#include "rz/base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "rz/base/programs_that_run.h"
#include "rz/base/text.h"

extern char** environ;

namespace rz {
namespace {

using std::chrono::steady_clock;

// The time between SIGTERM and SIGKILL.
constexpr Millis kTermGrace{1'000};
// How long output is still read once the program itself has ended: a grandchild may hold the pipe
// open for ever.
constexpr Millis kDrainGrace{100};

// What the programs of this thread inherit beside their streams.
thread_local std::span<const UniqueFd> inherited;

struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
};

Result<Pipe> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) {
    return fail(ErrorCode::unavailable, "cannot make a pipe: " + errno_text(errno));
  }
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

/// The NULL-terminated array of C strings that exec takes; views into `strings`.
std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> merged_environment(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::any_of(added.begin(), added.end(),
                                      [&](const auto& pair) { return pair.first == name; });
    if (!replaced) merged.emplace_back(text);
  }
  for (const auto& [name, value] : added) merged.push_back(name + "=" + value);
  return merged;
}

/// posix_spawn's two option objects, released together.
class SpawnOptions {
 public:
  SpawnOptions() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    // The program gets a process group of its own, so that the timeout also ends what it has
    // started. Its signals are as a shell would set them, whatever this process ignores or blocks.
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnOptions() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnOptions(const SpawnOptions&) = delete;
  SpawnOptions& operator=(const SpawnOptions&) = delete;

  void use(int fd, int as) { ::posix_spawn_file_actions_adddup2(&actions_, fd, as); }
  /// Libraries open some that a program would inherit, libcurl's connections among them.
  void close_all_from(int fd) {
#if __GLIBC_PREREQ(2, 34)
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, fd);
#else
    (void)fd;
#endif
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// Copies of what is to be inherited, under numbers that no program gets: one that takes such a
/// place does not overwrite another that is still to be copied.
Result<std::vector<UniqueFd>> copies_of_inherited() {
  std::vector<UniqueFd> copies;
  for (const UniqueFd& fd : inherited) {
    const int above = STDERR_FILENO + 1 + static_cast<int>(inherited.size());
    copies.emplace_back(::fcntl(fd.get(), F_DUPFD_CLOEXEC, above));
    if (!copies.back()) {
      return fail(ErrorCode::unavailable, "cannot pass on a descriptor: " + errno_text(errno));
    }
  }
  return copies;
}

/// A child from its start to its end; killed and reaped if it is abandoned.
class Child {
 public:
  ~Child() {
    if (pid_ > 0 && !reaped_) {
      ::kill(-pid_, SIGKILL);
      while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
      }
      forget_program(pid_);
    }
  }

  Result<void> start(const ProcessOptions& options);
  Result<ProcessResult> run(const ProcessOptions& options);

 private:
  int poll_timeout(steady_clock::time_point now) const;
  void wait_for_events(steady_clock::time_point now);
  void feed();
  void read_into(UniqueFd& fd, std::string& text, std::size_t limit);
  void enforce_deadline(steady_clock::time_point now);
  void reap();
  bool is_ending() const { return result_.timed_out || result_.stopped; }

  pid_t pid_ = -1;
  bool reaped_ = false;
  UniqueFd ended_;  ///< A pidfd: readable when the child has ended.
  UniqueFd stdin_, stdout_, stderr_;
  std::string_view input_;
  std::function<bool()> stop_;
  steady_clock::time_point deadline_;
  std::size_t max_output_ = 0;
  ProcessResult result_;
};

Result<void> Child::start(const ProcessOptions& options) {
  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  for (auto* pipe : {&in, &out, &err}) {
    if (!*pipe) return fail(std::move(*pipe).error());
  }
  SpawnOptions spawn;
  spawn.use(in->reader.get(), STDIN_FILENO);
  spawn.use(out->writer.get(), STDOUT_FILENO);
  spawn.use(err->writer.get(), STDERR_FILENO);
  const auto copies = copies_of_inherited();
  if (!copies) return fail(copies.error());
  int next = STDERR_FILENO + 1;
  for (const UniqueFd& copy : *copies) spawn.use(copy.get(), next++);
  spawn.close_all_from(next);

  std::vector<std::string> arguments = options.argv;
  std::vector<std::string> environment = merged_environment(options.environment);
  const ProgramStart begun;
  if (!begun.is_allowed()) {
    return fail(ErrorCode::unavailable, "is not run: this process is about to end",
                printable(options.argv.front()));
  }
  const int error =
      ::posix_spawnp(&pid_, arguments.front().c_str(), spawn.actions(), spawn.attributes(),
                     pointers(arguments).data(), pointers(environment).data());
  if (error != 0) {
    pid_ = -1;
    const ErrorCode code = error == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable;
    return fail(code, "cannot run: " + errno_text(error), printable(options.argv.front()));
  }
  note_program(pid_);
  ended_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  stdin_ = std::move(in->writer);
  stdout_ = std::move(out->reader);
  stderr_ = std::move(err->reader);
  for (const UniqueFd* fd : {&stdin_, &stdout_, &stderr_}) {
    ::fcntl(fd->get(), F_SETFL, O_NONBLOCK);
  }
  return {};
}

int Child::poll_timeout(steady_clock::time_point now) const {
  const auto left = std::chrono::ceil<Millis>(deadline_ - now).count();
  // Without a pidfd (old kernels have none) the child must be polled for its end. With a pidfd only
  // `stop_`, which is asked a few times a second, limits the wait.
  const long long longest = !ended_ ? 10 : stop_ ? 200 : 60'000;
  return static_cast<int>(std::clamp<long long>(left, 0, longest));
}

void Child::wait_for_events(steady_clock::time_point now) {
  // poll() passes over negative descriptors.
  std::array<pollfd, 4> fds = {{{stdin_.get(), POLLOUT, 0},
                                {stdout_.get(), POLLIN, 0},
                                {stderr_.get(), POLLIN, 0},
                                {reaped_ ? -1 : ended_.get(), POLLIN, 0}}};
  if (::poll(fds.data(), fds.size(), poll_timeout(now)) < 0) return;
  if (fds[0].revents != 0) feed();
  if (fds[1].revents != 0) read_into(stdout_, result_.output, max_output_);
  if (fds[2].revents != 0) read_into(stderr_, result_.error, max_output_);
}

void Child::feed() {
  const ssize_t n = ::write(stdin_.get(), input_.data(), input_.size());
  if (n > 0) input_.remove_prefix(static_cast<std::size_t>(n));
  // EPIPE means that the program closed its input before it read everything, which it may do.
  const bool over = n < 0 && errno != EAGAIN && errno != EINTR;
  if (over || input_.empty()) stdin_.reset();
}

void Child::read_into(UniqueFd& fd, std::string& text, std::size_t limit) {
  char chunk[64 * 1024];
  const ssize_t n = ::read(fd.get(), chunk, sizeof chunk);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    fd.reset();
    return;
  }
  // Output beyond the limit is still read: otherwise the program would block on a full pipe.
  const std::size_t room = limit - text.size();
  const auto count = static_cast<std::size_t>(n);
  text.append(chunk, std::min(room, count));
  if (count > room) result_.truncated = true;
}

void Child::enforce_deadline(steady_clock::time_point now) {
  // Once the child is reaped its process id may belong to another program.
  if (reaped_) return;
  if (!is_ending() && stop_ && stop_()) {
    result_.stopped = true;
  } else if (now < deadline_) {
    return;
  } else if (is_ending()) {
    ::kill(-pid_, SIGKILL);
    return;
  } else {
    result_.timed_out = true;
  }
  ::kill(-pid_, SIGTERM);
  deadline_ = now + kTermGrace;
}

void Child::reap() {
  int status = 0;
  if (reaped_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return;
  reaped_ = true;
  forget_program(pid_);
  result_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  result_.exit_code = result_.signal != 0 ? 128 + result_.signal : WEXITSTATUS(status);
  // After a timeout nothing that the program started may go on running.
  if (is_ending()) ::kill(-pid_, SIGKILL);
  deadline_ = steady_clock::now() + kDrainGrace;
}

Result<ProcessResult> Child::run(const ProcessOptions& options) {
  input_ = options.input;
  stop_ = options.stop;
  max_output_ = options.max_output;
  deadline_ = steady_clock::now() + options.timeout;
  if (input_.empty()) stdin_.reset();
  while (true) {
    wait_for_events(steady_clock::now());
    reap();
    const auto now = steady_clock::now();
    if (reaped_ && ((!stdout_ && !stderr_) || now >= deadline_)) return std::move(result_);
    enforce_deadline(now);
  }
}

}  // namespace

InheritedDescriptors::InheritedDescriptors(std::span<const UniqueFd> descriptors)
    : outer_(std::exchange(inherited, descriptors)) {}

InheritedDescriptors::~InheritedDescriptors() { inherited = outer_; }

Result<ProcessResult> run_process(const ProcessOptions& options) {
  if (options.argv.empty() || options.argv.front().empty()) {
    return fail(ErrorCode::invalid_argument, "the command is empty");
  }
  const auto has_nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  if (std::any_of(options.argv.begin(), options.argv.end(), has_nul) ||
      std::any_of(options.environment.begin(), options.environment.end(),
                  [&](const auto& pair) { return has_nul(pair.first) || has_nul(pair.second); })) {
    return fail(ErrorCode::invalid_argument, "an argument holds a NUL byte",
                printable(options.argv.front()));
  }
  // Writing to a child that has closed its input must not end this process.
  sigset_t pipe_signal, before;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  Child child;
  auto started = child.start(options);
  Result<ProcessResult> result =
      started ? child.run(options) : Result<ProcessResult>(fail(std::move(started).error()));
  // A SIGPIPE raised meanwhile comes from our own write. It must be consumed before the mask is
  // restored.
  const timespec now{};
  while (::sigtimedwait(&pipe_signal, nullptr, &now) == SIGPIPE) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return result;
}

}  // namespace rz
