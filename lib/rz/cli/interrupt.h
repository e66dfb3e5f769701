#pragma once

namespace rz::cli {

/// Lets long work end at its next step after Ctrl-C, SIGTERM or SIGHUP. A second signal, or
/// SIGQUIT, ends the program at once, with the programs that it runs and without a Screen. A signal
/// that was ignored at the start (nohup) stays ignored. Only one object may exist in a process at a
/// time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool asked() const;
  /// 128 + the signal's number.
  int exit_code() const;
};

}  // namespace rz::cli
