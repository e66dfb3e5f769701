#pragma once

#include <signal.h>
#include <sys/types.h>

namespace rz {

/// While a program is being started. It runs before whoever starts it knows its process group, so
/// that whoever ends the programs has to wait for this. No handler of a signal runs on this thread
/// meanwhile: it would wait for what it keeps from going on.
class ProgramStart {
 public:
  ProgramStart() noexcept;
  ~ProgramStart();
  ProgramStart(const ProgramStart&) = delete;
  ProgramStart& operator=(const ProgramStart&) = delete;

  /// Whether a program may be started: not once they were ended.
  bool is_allowed() const noexcept;

 private:
  sigset_t before_;
};

/// The programs that run_process() has started and that have not ended, each with a process group
/// of its own: they would outlive this process. To be noted within the ProgramStart.
void note_program(pid_t group) noexcept;
void forget_program(pid_t group) noexcept;

/// Ends all of them, with what they have started: SIGTERM, and 1 s later SIGKILL. For a process
/// that ends without waiting for its threads: none is started from now on.
void end_programs();

/// The same with SIGKILL alone, from a handler of a signal. Waits for those alone that are being
/// started: a few system calls, and 10 s at most.
void kill_programs() noexcept;

/// Programs may be started again, in a process that goes on after all.
void allow_programs() noexcept;

}  // namespace rz
