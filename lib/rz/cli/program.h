#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/cli/arguments.h"
#include "rz/cli/command.h"
#include "rz/cli/output.h"
#include "rz/cli/progress.h"
#include "rz/config/config.h"
#include "rz/reports/formats.h"
#include "rz/storage/bounded_storage.h"
#include "rz/storage/read_ahead.h"
#include "rz/storage/storage.h"

/// The frame of every program: common flags, help, messages, exit codes.
namespace rz::cli {

/// The exit codes of cli.md: one table for every command, those that Nagios reads.
inline constexpr int kYes = 0;
inline constexpr int kNo = 1;
inline constexpr int kNoBadly = 2;
inline constexpr int kCouldNotTell = 3;

/// The options that every command takes, after flag, environment and default were weighed; what the
/// config says comes with Context::config().
struct CommonOptions {
  std::string config;           ///< `--config`; empty: not given.
  std::string storage_url;      ///< `--storage` or RZ_STORAGE_URL; empty: neither.
  std::string format = "text";  ///< One of those of the command.
  bool quiet = false;
  int verbose = 0;
};

/// What a command works with. Config and store are opened when first asked for, so that a command
/// that needs neither pays for neither.
class Context {
 public:
  const CommonOptions& options() const { return options_; }
  bool json() const { return options_.format == "json"; }

  /// The answer: standard output, buffered, checked.
  Output& out() { return *out_; }

  /// Writes `document` to it in the format that was asked for:
  /// `print(&reports::Format::health, report)`.
  template <class Document>
  void print(reports::Write<Document> reports::Format::*kind, const Document& document) {
    reports::write(kind, document, options_.format, *out_);
  }

  /// `rz NAME: warning: TEXT` on stderr, unless --quiet. TEXT may hold bytes from outside.
  void warn(std::string_view text) const;
  /// TEXT as a line on stderr, whatever the flags: for the logging sink, which was asked for.
  void log(std::string_view text) const;
  /// `rz NAME: TEXT` on stderr with --verbose.
  void note(std::string_view text) const;

  /// What `call` returns; a person at a terminal is told what it waits for if it takes long.
  template <class Call>
  auto while_waiting_for(std::string what, Call call) const {
    const Waiting waiting(std::move(what), options_.quiet);
    return call();
  }

  /// The configuration; its warnings are printed once. Errors: config.
  Result<const Config*> config();

  /// The store that flag, environment, config or default names; one that cannot be opened now
  /// answers every call with the error. Owned by this object. Errors: config, invalid_argument.
  Result<Storage*> storage();

  /// Reads of that store, in one round trip, what the next calls will ask it for.
  /// Errors: as storage().
  Result<void> read_ahead(const ReadSet& what);

  /// The same store, asked for as long as `deadline` at most from now on, and no more once it was
  /// found away. Owned by this object; the one of an earlier call is gone.
  Result<BoundedStorage*> bound_storage(Millis deadline);

  /// From now on storage() has no deadline but its own; whoever uses the bounded one must be gone.
  void unbind_storage() { bounded_.reset(); }

  /// What named the store: `--storage`, RZ_STORAGE_URL, or nothing.
  const std::string& storage_source() const { return storage_source_; }

  /// What tells that store from others on this machine (store_identity); after storage().
  const std::string& storage_identity() const { return storage_identity_; }

  /// To be set where a thread was left behind (a check stuck in the kernel): the program then ends
  /// by _exit once its output is flushed, destroying nothing that the thread may still use.
  bool threads_abandoned = false;

  /// To be set where a signal ended the work early: the program ends with it, 128 + the signal's
  /// number, whatever was answered. 0: none did.
  int interrupted = 0;

 private:
  friend class Frame;
  std::string name_;
  CommonOptions options_;
  std::string storage_source_;  ///< What named options_.storage_url: `--storage`, RZ_STORAGE_URL.
  std::unique_ptr<Output> out_;
  std::unique_ptr<Config> config_;
  std::unique_ptr<ReadAhead> storage_;
  std::unique_ptr<BoundedStorage> bounded_;
  std::string storage_identity_;
};

/// The whole of a program's main: reads the command line, runs the command that it names, flushes,
/// and translates: wrong usage and errors are one message on stderr and 3; a closed pipe is quiet,
/// 141. With `--format json` a failure is an object on stdout, too, unless the command has written
/// something already.
int run_program(int argc, char** argv, const Program& program);

}  // namespace rz::cli
