#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/file.h"
#include "rz/base/result.h"

namespace rz {

/// A program to run. Never passes through a shell: `argv[0]` is looked up on PATH by the kernel's
/// rules, the rest reaches it byte for byte.
struct ProcessOptions {
  std::vector<std::string> argv{};
  /// Added to (or replacing) the inherited environment.
  std::vector<std::pair<std::string, std::string>> environment{};
  std::string input{};  ///< Written to its standard input, then closed.
  /// Asked a few times a second and after each signal; true: it is ended as at its timeout.
  std::function<bool()> stop{};
  Millis timeout{30'000};  ///< Then its whole process group gets SIGTERM, 1 s later SIGKILL.
  std::size_t max_output =
      1024 * 1024;  ///< Bytes kept of each stream; the rest is read and dropped.
};

struct ProcessResult {
  int exit_code = 0;  ///< 128 + n if signal n ended it.
  int signal = 0;     ///< The signal that ended it; 0: it ended by itself.
  bool timed_out = false;
  bool stopped = false;    ///< ProcessOptions::stop asked for its end.
  bool truncated = false;  ///< Output went past max_output.
  std::string output;      ///< Its standard output.
  std::string error;       ///< Its standard error.
};

/// While it lives, each program that run_process() starts on this thread gets these descriptors,
/// too, under the numbers from 3 on. Owns none of them; they must outlive it. Another one within
/// its life takes its place until it ends.
class InheritedDescriptors {
 public:
  explicit InheritedDescriptors(std::span<const UniqueFd> descriptors);
  ~InheritedDescriptors();
  InheritedDescriptors(const InheritedDescriptors&) = delete;
  InheritedDescriptors& operator=(const InheritedDescriptors&) = delete;

 private:
  std::span<const UniqueFd> outer_;
};

/// Runs to the end or to the timeout, and leaves no child behind. Thread-safe.
/// Errors: not_found (no such program), unavailable (no right to run it, no more processes),
/// invalid_argument (empty argv, a NUL byte).
Result<ProcessResult> run_process(const ProcessOptions& options);

}  // namespace rz
