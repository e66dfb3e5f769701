#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/cli/output.h"
#include "rz/config/config.h"
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
  std::string config;       ///< `--config`; empty: not given.
  std::string storage_url;  ///< `--storage` or RZ_STORAGE_URL; empty: neither.
  std::string format = "text";
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

  /// `rz NAME: warning: TEXT` on stderr, unless --quiet. TEXT may hold bytes from outside.
  void warn(std::string_view text) const;
  /// TEXT as a line on stderr, whatever the flags: for the logging sink, which was asked for.
  void log(std::string_view text) const;
  /// `rz NAME: TEXT` on stderr with --verbose.
  void note(std::string_view text) const;

  /// The configuration; its warnings are printed once. Errors: config.
  Result<const Config*> config();

  /// The store that flag, environment, config or default names; one that cannot be opened now
  /// answers every call with the error. Owned by this object. Errors: config, invalid_argument.
  Result<Storage*> storage();

  /// What tells that store from others on this machine (store_identity); after storage().
  const std::string& storage_identity() const { return storage_identity_; }

  /// What to do: run after all flags are parsed and checked. Returns the exit code; an error is
  /// printed and becomes 3. `define` sets the work of the bare command, if it has one; the CLI11
  /// callback of a subcommand replaces it.
  std::function<Result<int>()> run;

  /// To be set where a thread was left behind (a check stuck in the kernel): the program then ends
  /// by _exit once its output is flushed, destroying nothing that the thread may still use.
  bool threads_abandoned = false;

 private:
  friend class Frame;
  std::string name_;
  CommonOptions options_;
  std::string storage_source_;  ///< What named options_.storage_url: `--storage`, RZ_STORAGE_URL.
  std::unique_ptr<Output> out_;
  std::unique_ptr<Config> config_;
  std::unique_ptr<Storage> storage_;
  std::string storage_identity_;
};

struct ProgramInfo {
  std::string name;      ///< `rz cond`
  std::string summary;   ///< One line.
  std::string examples;  ///< Leads the help; each line as it would be typed.
  std::vector<std::string> formats = {"text", "json"};
};

/// The whole of a program's main: builds the App with the common options, lets `define` add its own
/// (each setting `context.run` in its callback), parses, runs, flushes, and translates: wrong usage
/// and errors are one message on stderr and 3; a closed pipe is quiet, 141.
/// Subcommands take the common options too, in any place.
int run_program(int argc, char** argv, const ProgramInfo& info,
                const std::function<void(CLI::App&, Context&)>& define);

/// Adds the command `name` to `app`; `define` gives it options and callback once it is the one that
/// was named, so that nobody pays at start for the options of the others. `define` must be valid
/// until the parsing is done.
void add_command(CLI::App& app, const std::string& name, const std::string& summary,
                 std::function<void(CLI::App&)> define);

}  // namespace rz::cli
