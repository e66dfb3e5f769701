#include "rz/bench/program_benchmark.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "rz/base/file.h"
#include "rz/base/foreground.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/statistics/summary.h"

extern char** environ;

namespace rz::bench {
namespace {

std::vector<char*> c_strings(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

double as_nanoseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3;
}

/// Starts one program again and again. All that can be done before is done before: what is measured
/// is the program, and as little of rz as there can be.
class ProgramStarter {
 public:
  ProgramStarter(const ProgramOptions& options, std::vector<std::string> argv)
      : words_(std::move(argv)), any_exit_code_(options.any_exit_code) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, options.input.c_str(), O_RDONLY, 0);
    if (!options.show_output) {
      ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
      ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    argv_ = c_strings(words_);
    set_environment(options.environment);
  }
  ~ProgramStarter() { ::posix_spawn_file_actions_destroy(&actions_); }
  ProgramStarter(const ProgramStarter&) = delete;
  ProgramStarter& operator=(const ProgramStarter&) = delete;

  Result<ProgramUse> run() {
    pid_t child = -1;
    const int error = ::posix_spawnp(&child, argv_[0], &actions_, nullptr, argv_.data(),
                                     environment_pointers_.data());
    if (error != 0) {
      return fail(error == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
                  "cannot run: " + errno_text(error), printable(words_.front()));
    }
    int status = 0;
    rusage used{};
    while (::wait4(child, &status, 0, &used) < 0) {
      if (errno != EINTR) return fail(ErrorCode::internal, "cannot wait: " + errno_text(errno));
    }
    TRY(check_end(status));
    // Linux counts in KiB.
    return ProgramUse{as_nanoseconds(used.ru_utime), as_nanoseconds(used.ru_stime),
                      std::int64_t{used.ru_maxrss} * 1024};
  }

 private:
  void set_environment(const std::vector<std::pair<std::string, std::string>>& added) {
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

  Result<void> check_end(int status) const {
    const std::string program = printable(words_.front());
    if (WIFSIGNALED(status)) {
      return fail(ErrorCode::unavailable, "was ended by " + signal_name(WTERMSIG(status)), program);
    }
    if (WEXITSTATUS(status) == 0 || any_exit_code_) return {};
    return fail(ErrorCode::unavailable,
                "ended with exit code " + std::to_string(WEXITSTATUS(status)) +
                    "; see why with --show-output, or measure it all the same with "
                    "--ignore-failure",
                program);
  }

  std::vector<std::string> words_;
  std::vector<char*> argv_;
  std::vector<std::string> environment_;
  std::vector<char*> environment_pointers_;
  posix_spawn_file_actions_t actions_;
  bool any_exit_code_;
};

Operation repeated_runs(const std::shared_ptr<ProgramStarter>& starter,
                        const std::shared_ptr<ProgramUses>& uses) {
  return [starter, uses](std::uint64_t iterations) -> Result<void> {
    for (std::uint64_t i = 0; i < iterations; ++i) {
      TRY_ASSIGN(const ProgramUse use, starter->run());
      if (uses) uses->add(use);
    }
    return {};
  };
}

}  // namespace

ProgramUse ProgramUses::summary(std::size_t count) const {
  std::vector<double> user;
  std::vector<double> system;
  ProgramUse all;
  for (std::size_t i = uses_.size() - std::min(count, uses_.size()); i < uses_.size(); ++i) {
    user.push_back(uses_[i].user_ns);
    system.push_back(uses_[i].system_ns);
    all.peak_memory = std::max(all.peak_memory, uses_[i].peak_memory);
  }
  all.user_ns = median_of(user);
  all.system_ns = median_of(system);
  return all;
}

Benchmark program_benchmark(ProgramOptions options, std::shared_ptr<ProgramUses> uses) {
  Benchmark benchmark{.name = options.name, .setup = nullptr, .single = true};
  if (!options.prepare.empty()) {
    const auto prepare = std::make_shared<ProgramStarter>(options, options.prepare);
    benchmark.before_sample = [prepare]() -> Result<void> {
      TRY(prepare->run());
      return {};
    };
  }
  benchmark.setup = [options = std::move(options), uses]() -> Result<Operation> {
    return repeated_runs(std::make_shared<ProgramStarter>(options, options.argv), uses);
  };
  return benchmark;
}

}  // namespace rz::bench
