#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/bench/measurement.h"

namespace rz::bench {

/// A program to measure. It never passes through a shell.
struct ProgramOptions {
  std::string name{};               ///< Of the benchmark.
  std::vector<std::string> argv{};  ///< The program is looked for on PATH.
  std::string called{};             ///< In messages; empty: as its first word.
  std::vector<std::pair<std::string, std::string>> environment{};  ///< Added to the inherited one.
  std::vector<std::string> prepare{};  ///< Run before each sample, not measured; empty: nothing.
  std::string input = "/dev/null";     ///< The file that is its standard input.
  std::string output{};                ///< The file that is its standard output; empty: as below.
  bool show_output = false;    ///< On standard error; otherwise its output goes to /dev/null.
  bool any_exit_code = false;  ///< Otherwise one that is not 0 ends the measuring.
  std::string advice{};        ///< What to do about an exit code that is not 0, for the message.
  /// A run that takes longer is ended, and has failed; nothing: each may take as long as it likes.
  std::optional<Millis> timeout{};
  /// Asked before each run, a few times a second and after each signal; true: the program is ended.
  /// It may be null.
  std::function<bool()> stop{};
};

/// What prepares a sample, as a program of its own.
ProgramOptions preparation_of(const ProgramOptions& options);

/// Starts one program again and again. All that can be done before is done before: what is measured
/// is the program, and as little of rz as there can be.
///
/// The program has a process group of its own. Where it is ended the whole group is: SIGTERM, and
/// 1 s later SIGKILL. A second signal to rz ends it at once (programs_that_run.h).
class ProgramRunner {
 public:
  /// `under`: a program that runs it, with the arguments that stand before its own; empty: none
  /// does.
  explicit ProgramRunner(const ProgramOptions& options, std::vector<std::string> under = {});
  ~ProgramRunner();
  ProgramRunner(const ProgramRunner&) = delete;
  ProgramRunner& operator=(const ProgramRunner&) = delete;

  /// Runs it to its end, and returns what it used.
  /// Errors: not_found (no such program), timeout, unavailable (it cannot be run, ended badly, or
  /// was stopped); `where` is the program, unless the benchmark is called after it.
  Result<ProgramUse> run();

  /// Of the last run, if it ended by itself.
  std::optional<int> exit_code() const { return exit_code_; }

 private:
  void set_environment(const std::vector<std::pair<std::string, std::string>>& added);
  bool is_stopped() const { return stop_ && stop_(); }
  Result<pid_t> start();
  /// Waits for its end, or ends it. Nothing if it ended by itself.
  std::optional<Error> await_end(pid_t child) const;
  Result<void> check_end(int status) const;
  Error stopped() const;

  std::vector<std::string> words_;
  std::vector<char*> argv_;
  std::vector<std::string> environment_;
  std::vector<char*> environment_pointers_;
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
  std::string where_;  ///< In messages.
  std::string under_;  ///< Behind what happened, in messages.
  std::string advice_;
  bool any_exit_code_;
  std::optional<Millis> timeout_;
  std::function<bool()> stop_;
  std::optional<int> exit_code_{};
};

}  // namespace rz::bench
