#include "support/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <utility>

#include "rz/base/file.h"
#include "support/patience.h"

namespace rz::test {
namespace {

constexpr uid_t kNobody = 65534;

// Between fork and exec: nothing here may take a lock.
[[noreturn]] void become_program(char* const* argv, int log, uid_t user, pid_t parent) {
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  if (user != 0 && ::geteuid() == 0) {
    if (::setgid(user) != 0 || ::setuid(user) != 0) ::_exit(126);
  }
  // After setuid(), which takes it back.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::execvp(argv[0], argv);
  ::_exit(127);
}

pid_t spawn_program(std::vector<std::string> argv, const std::string& log_file, uid_t user) {
  std::vector<char*> pointers;
  for (std::string& text : argv) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  const UniqueFd log(::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become_program(pointers.data(), log.get(), user, parent);
  if (pid < 0) throw std::runtime_error("cannot fork: " + errno_text(errno));
  return pid;
}

std::string content_of_log(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

ServerProcess::ServerProcess(std::vector<std::string> argv, const std::string& log_file, uid_t user)
    : log_file_(log_file), pid_(spawn_program(std::move(argv), log_file, user)) {}

ServerProcess::~ServerProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool ServerProcess::is_running() {
  if (pid_ > 0 && ::waitpid(pid_, &wait_status_, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

void ServerProcess::stop(int signal) {
  if (pid_ <= 0) return;
  ::kill(pid_, signal);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (is_running() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(Millis{5});
  }
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, -1), nullptr, 0);
}

void ServerProcess::pause() const { ::kill(pid_, SIGSTOP); }
void ServerProcess::resume() const { ::kill(pid_, SIGCONT); }

std::string ServerProcess::log() const { return content_of_log(log_file_); }

void ServerProcess::wait_until(const std::function<bool()>& ready) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!ready()) {
    if (!is_running()) throw std::runtime_error("the server has ended:\n" + log());
    if (std::chrono::steady_clock::now() > end) {
      throw std::runtime_error("the server does not answer:\n" + log());
    }
    std::this_thread::sleep_for(Millis{10});
  }
}

uid_t unprivileged_user() { return ::geteuid() == 0 ? kNobody : ::geteuid(); }

void give_to(uid_t user, const std::string& folder) {
  if (::geteuid() != 0) return;
  if (::chown(folder.c_str(), user, user) != 0) {
    throw std::runtime_error("cannot give " + folder + " away: " + errno_text(errno));
  }
}

void run_as(uid_t user, std::vector<std::string> argv, const std::string& log_file) {
  const std::string name = argv.front();
  const pid_t pid = spawn_program(std::move(argv), log_file, user);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) throw std::runtime_error(name + " failed:\n" + content_of_log(log_file));
}

}  // namespace rz::test
