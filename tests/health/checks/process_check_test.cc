#include "rz/health/checks/process_check.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "rz/base/file.h"
#include "rz/health/machine/process_table.h"
#include "support/temp_folder.h"

extern char** environ;

namespace rz::health {
namespace {

/// A `sleep` of its own name, so that the tests of others are not counted.
class Sleeper {
 public:
  explicit Sleeper(const TempFolder& folder, const std::string& name = "rz-sleeper-of-a-test")
      : program_(folder / name) {
    std::error_code ignored;
    std::filesystem::create_symlink("/bin/sleep", program_, ignored);
    std::string seconds = "86400";
    char* argv[] = {program_.data(), seconds.data(), nullptr};
    REQUIRE(::posix_spawn(&pid_, program_.c_str(), nullptr, nullptr, argv, environ) == 0);
    // The kernel lets go of us a moment before it has laid out the arguments.
    const std::string arguments = "/proc/" + std::to_string(pid_) + "/cmdline";
    while (read_file(arguments, 4096).value_or("").empty()) ::usleep(1'000);
  }
  ~Sleeper() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& program() const { return program_; }
  void stop() const {
    ::kill(pid_, SIGSTOP);
    await_state('T');
  }
  /// Until the kernel shows this state of it, as `S` for one that sleeps.
  void await_state(char state) const {
    const std::string stat = "/proc/" + std::to_string(pid_) + "/stat";
    const std::string shown = std::string(") ") + state + " ";
    while (read_file(stat, 4096).value_or("").find(shown) == std::string::npos) ::usleep(1'000);
  }
  /// Ends it, but nobody asks how it ended: a zombie.
  void become_zombie() const {
    ::kill(pid_, SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }

 private:
  std::string program_;
  pid_t pid_ = -1;
};

CheckResult check_process(const ProcessCheckOptions& options) {
  return make_process_check(options)->check();
}

TEST_CASE("processes are counted by the name of their program, which the kernel cuts") {
  const TempFolder folder;
  const Sleeper one(folder);
  ProcessCheckOptions options;
  options.process = "rz-sleeper-of-a-test";
  options.match = folder.path();
  auto result = check_process(options);
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message == "1 process 'rz-sleeper-of-a-test' with '" + folder.path() + "'");
  CHECK(*result.metadata.find("count") == Value(1));
  CHECK(*result.metadata.find("pids") == Value::array({one.pid()}));

  options.min = 2;
  result = check_process(options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "1 process 'rz-sleeper-of-a-test' with '" + folder.path() + "', expected at least 2");

  const Sleeper two(folder);
  CHECK(check_process(options).status == HealthStatus::healthy);
  options.min = 0;
  options.max = 1;
  result = check_process(options);
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message.ends_with(", expected at most 1"));
  options.process = "rz-sleeper-of-a";  // What the kernel shows is not the whole name.
  CHECK(*check_process(options).metadata.find("count") == Value(0));
}

TEST_CASE("a zombie does not count") {
  const TempFolder folder;
  const Sleeper one(folder, "rz-zombie");
  ProcessCheckOptions options;
  options.process = "rz-zombie";
  CHECK(check_process(options).status == HealthStatus::healthy);
  one.become_zombie();
  CHECK(check_process(options).status == HealthStatus::unhealthy);
}

TEST_CASE("a process that is stopped does not run") {
  const TempFolder folder;
  const Sleeper one(folder, "rz-stopped");
  ProcessCheckOptions options;
  options.process = "rz-stopped";
  one.stop();
  auto result = check_process(options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "1 process 'rz-stopped', of which 1 is stopped by a signal or a debugger; expected at "
        "least 1");
  CHECK(*result.metadata.find("stopped") == Value(1));
  // Enough of them run, and one that should does not.
  const Sleeper two(folder, "rz-stopped");
  result = check_process(options);
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message ==
        "2 processes 'rz-stopped', of which 1 is stopped by a signal or a debugger");
  options.min = 0;
  options.max = 1;
  result = check_process(options);
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message.ends_with("; expected at most 1"));
  ::kill(one.pid(), SIGCONT);
  one.await_state('S');
  options.max = 2;
  CHECK(check_process(options).status == HealthStatus::healthy);
}

TEST_CASE("a process is known by its file") {
  const TempFolder folder;
  const Sleeper one(folder);
  ProcessCheckOptions options;
  options.pid_file = folder / "pid";
  auto result = check_process(options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "does not run: there is no " + options.pid_file + " (pid_file)");

  REQUIRE(write_file(options.pid_file, std::to_string(one.pid()) + "\n"));
  CHECK(check_process(options).status == HealthStatus::healthy);
  // The number may belong to another program by now.
  options.process = "nginx";
  result = check_process(options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "process " + std::to_string(one.pid()) + " of " + options.pid_file +
                              " is 'rz-sleeper-of-a-test', expected 'nginx'");
  options.process.clear();
  one.become_zombie();
  result = check_process(options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "process " + std::to_string(one.pid()) + " of " + options.pid_file + " does not run");

  REQUIRE(write_file(options.pid_file, "soon\n"));
  result = check_process(options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == options.pid_file + ": holds no process number");
}

/// A folder like /proc, with the processes that a test needs.
void add_process(const std::string& proc, int pid, const std::string& name,
                 const std::string& command) {
  const std::string folder = proc + "/" + std::to_string(pid);
  REQUIRE(make_folders(folder));
  std::string stat = std::to_string(pid) + " (" + name + ") S";
  for (int field = 4; field < 24; ++field) stat += " 0";
  REQUIRE(write_file(folder + "/stat", stat + " 2 0\n"));
  REQUIRE(write_file(folder + "/cmdline", command));
}

TEST_CASE("where the system hides processes, too few of them are unknown") {
  const TempFolder folder;
  add_process(folder.path(), 4711, "a) S (b", std::string("worker\0--queue\0mail\0", 20));
  ProcessCheckOptions options;
  options.match = "--queue mail";
  CHECK(make_process_check(options, folder.path())->check().status == HealthStatus::healthy);
  options.process = "a) S (b";
  CHECK(make_process_check(options, folder.path())->check().status == HealthStatus::healthy);
  options.min = 2;
  auto result = make_process_check(options, folder.path())->check();
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message ==
        "1 process 'a) S (b' with '--queue mail', expected at least 2; the system hides the "
        "processes of other users (hidepid of /proc)");
  add_process(folder.path(), 1, "init", "");
  result = make_process_check(options, folder.path())->check();
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(*result.metadata.find("rss_bytes") == Value(2 * ::sysconf(_SC_PAGESIZE)));
}

TEST_CASE("processes that cannot be listed are unknown") {
  const TempFolder folder;
  ProcessCheckOptions options;
  options.process = "x";
  CHECK(make_process_check(options, folder / "none")->check().status == HealthStatus::unknown);
}

}  // namespace
}  // namespace rz::health
