#pragma once

namespace rz::cli {

/// Lets long work stop at its next step when Ctrl-C, SIGTERM or SIGHUP asks for it. A second signal
/// ends the program at once; one that was ignored at start (nohup) stays ignored. One at a time in
/// a process.
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
