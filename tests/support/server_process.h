#pragma once

#include <signal.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "support/temp_folder.h"
#include "support/unused_port.h"

namespace rz::test {

/// A program that runs beside a test, with what it writes in a file. It is ended by the destructor,
/// and dies with the thread that made it. Where the tests run as root, it can run as another user,
/// since some servers refuse to serve as root.
class ServerProcess {
 public:
  ServerProcess(std::vector<std::string> argv, const std::string& log_file, uid_t user = 0);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  pid_t pid() const { return pid_; }
  /// Whether it has not ended yet.
  bool is_running();
  /// Sends `signal`, and waits until it has ended; SIGKILL if it does not.
  void stop(int signal = SIGTERM);
  /// As waitpid() has it, once it was seen to have ended by itself or by stop(); -1 before.
  int wait_status() const { return wait_status_; }
  void pause() const;
  void resume() const;

  std::string log() const;

  /// Waits until `ready` answers yes. Throws std::runtime_error with the log if the program ends
  /// first, or kPatience is over.
  void wait_until(const std::function<bool()>& ready);

 private:
  std::string log_file_;
  pid_t pid_ = -1;
  int wait_status_ = -1;
};

/// A user without rights if the tests run as root, else the one that they run as.
uid_t unprivileged_user();

/// Makes `folder` one of that user's.
void give_to(uid_t user, const std::string& folder);

/// Runs a program to its end, as `user` where the tests run as root. Throws std::runtime_error with
/// what it wrote if it fails.
void run_as(uid_t user, std::vector<std::string> argv, const std::string& log_file);

}  // namespace rz::test
