#pragma once

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/result.h"

namespace rz {

/// How a program in the foreground ended.
struct ForegroundResult {
  /// As a shell answers: its own, 128 + n if signal n ended it, 127 if there is no such program,
  /// 126 if it cannot be run.
  int exit_code = 0;
  std::optional<int> signal{};         ///< Which ended it.
  std::optional<Error> not_started{};  ///< Why it did not run at all.
};

/// Runs a program in this one's place: with its standard input, output and error and all else that
/// was inherited, in its process group, under the environment, the limits and the signal settings
/// that this process was started with.
///
/// From its making on INT, TERM, HUP, QUIT, USR1 and USR2 do not act on this process: what other
/// processes send is passed on to the program. What a terminal sends goes to the whole process
/// group, so that the program has it already. A signal that was ignored at the start (nohup) stays
/// ignored, by the program too. At its end those that came meanwhile are dropped, since the program
/// was the one to obey them. To be made before there are other threads, and once at a time.
class Foreground {
 public:
  Foreground();
  ~Foreground();
  Foreground(const Foreground&) = delete;
  Foreground& operator=(const Foreground&) = delete;

  /// A signal that has come, and asks to end what has not begun yet.
  std::optional<int> told_to_end() const;

  /// Runs `argv` to its end, however long that takes.
  ForegroundResult run(std::vector<std::string> argv);

 private:
  ForegroundResult wait_for(int process);

  sigset_t held_{};    ///< The signals that are passed on, and SIGCHLD.
  sigset_t before_{};  ///< The signal mask that this process was started with.
};

/// `SIGTERM`; `signal 42` for one without a name.
std::string signal_name(int signal);

}  // namespace rz
