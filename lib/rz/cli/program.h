#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "rz/base/notices.h"
#include "rz/base/result.h"
#include "rz/cli/arguments.h"
#include "rz/cli/command.h"
#include "rz/cli/output.h"
#include "rz/cli/progress.h"
#include "rz/reports/formats.h"
#include "rz/runtime/runtime.h"

/// The frame of every program: common flags, help, messages, exit codes.
namespace rz::cli {

/// The exit codes: one table for every command, those that Nagios reads; see rz(1).
inline constexpr int kYes = 0;
inline constexpr int kNo = 1;
inline constexpr int kNoBadly = 2;
inline constexpr int kCouldNotTell = 3;

/// How every command answers. What it works with is in its Runtime.
struct CommonOptions {
  std::string format = "text";  ///< One of those of the command.
  bool pretty = false;          ///< JSON is indented.
  bool quiet = false;
  int verbose = 0;
};

/// The frame of a command: what it was asked, where its answer goes, how it ends.
class Context {
 public:
  const CommonOptions& options() const { return options_; }
  bool json() const { return options_.format == "json"; }

  /// The answer: standard output, buffered, checked.
  Output& out() { return *out_; }

  /// Writes `document` to it in the format that was asked for.
  template <class Document>
  void print(const Document& document) {
    reports::write(document, options_.format, *out_);
  }

  /// `rz NAME: warning: TEXT` on stderr, unless --quiet. TEXT may hold bytes from outside.
  void warn(std::string_view text) const;
  /// `rz NAME: TEXT` on stderr, unless --quiet.
  void inform(std::string_view text) const;
  /// TEXT as a line on stderr, whatever the flags: for the logging sink, which was asked for.
  void log(std::string_view text) const;
  /// Prints what the command has answered so far, and then sends the measurements of `sink`:
  /// whoever waits for the answer need not wait for them.
  void deliver(MetricsSink& sink);
  /// `rz NAME: TEXT` on stderr with --verbose.
  void note(std::string_view text) const;

  /// Returns what `call` returns. If it takes long, a person at a terminal is told what is waited
  /// for.
  template <class Call>
  auto while_waiting_for(std::string what, Call call) const {
    const Waiting waiting(std::move(what), options_.quiet);
    return call();
  }

  /// What it works with, made from the configuration, the flags and the environment. Its notices go
  /// to warn() and note() of this object.
  runtime::Runtime& runtime() { return *runtime_; }

  /// To be set if a signal ended the work early: 128 + the signal's number, which is then the exit
  /// code whatever was answered. 0: none did.
  int interrupted = 0;

 private:
  friend class Frame;
  runtime::RuntimeOptions runtime_options(const Arguments& arguments);
  /// MESSAGE on stderr; with the format nagios only after the answer.
  void tell(std::string message) const;
  /// Writes the answer so far, and what was held back for it.
  Result<void> flush();

  std::string name_;
  CommonOptions options_;
  std::unique_ptr<Output> out_;
  Notices notices_;
  std::unique_ptr<runtime::Runtime> runtime_;
  mutable std::mutex held_mutex_;
  mutable std::string held_;
};

/// All that a program's main does: reads the command line, runs the command that it names, writes
/// what is buffered, and sets the exit code. Wrong usage and errors are one message on stderr and
/// 3; a closed pipe is 141 without a message. With `--format json` a failure is an object on stdout
/// too, unless the command has already written something.
int run_program(int argc, char** argv, const Program& program);

}  // namespace rz::cli
