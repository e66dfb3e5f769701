#pragma once

#include <signal.h>
#include <sys/types.h>

namespace rz {

/// The programs that run_process() has started and that have not ended, each with a process group
/// of its own: they would outlive this process.
void note_program(pid_t group) noexcept;
void forget_program(pid_t group) noexcept;

/// While it lives no signal gets through to this thread: one that ends the programs that are known
/// must find the one that has just been started among them.
class SignalsHeld {
 public:
  SignalsHeld();
  ~SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

/// Ends all of them, with what they have started: SIGTERM, and 1 s later SIGKILL. For a process
/// that ends without waiting for its threads.
void end_programs();

/// The same with SIGKILL alone and without waiting, from a handler of a signal.
void kill_programs() noexcept;

}  // namespace rz
