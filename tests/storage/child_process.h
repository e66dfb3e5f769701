#pragma once

#include <doctest/doctest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/file.h"

namespace rz::storage {

/// A fork of the test, which runs `body` and ends with what it returns; the destructor waits for
/// it.
class ChildProcess {
 public:
  explicit ChildProcess(const std::function<int()>& body) : pid_(::fork()) {
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) ::_exit(body());
  }
  ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess() {
    if (pid_ > 0) wait();
  }

  void kill() const { ::kill(pid_, SIGKILL); }

  /// Its exit code, or 128 + n if signal n ended it.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

/// Runs `body` in so many processes at once, numbered from 0. Returns in how many it returned 0.
inline int race_processes(int count, const std::function<int(int)>& body) {
  int gate[2];
  REQUIRE(::pipe(gate) == 0);
  UniqueFd closed_at_start(gate[0]);
  UniqueFd start(gate[1]);
  std::vector<ChildProcess> children;
  for (int i = 0; i < count; ++i) {
    children.emplace_back([&] {
      start.reset();
      char byte = 0;
      static_cast<void>(::read(closed_at_start.get(), &byte, 1));  // Ends when all writers have.
      return body(i);
    });
  }
  start.reset();
  int successes = 0;
  for (ChildProcess& child : children) successes += child.wait() == 0;
  return successes;
}

}  // namespace rz::storage
