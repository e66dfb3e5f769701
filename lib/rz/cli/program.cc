#include "rz/cli/program.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/cli/usage.h"
#include "rz/cli/version.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/storage_url.h"
#include "rz/storage/unreachable_storage.h"

namespace rz::cli {
namespace {

constexpr int kClosedPipe = 128 + SIGPIPE;

// Under cron or a supervisor a standard descriptor may be closed; the next file opened would take
// its number and receive our messages. The stand-ins refuse reads and writes the other way round,
// so that output which nobody can get is still an error.
void hold_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    if (::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) return;
  }
}

// No message that is read is longer; one that quotes a whole file given as an argument is.
constexpr std::size_t kMaxLine = 4000;

void say(std::string_view program, std::string_view kind, std::string_view text) {
  std::string message;
  for (std::string_view line : split(text, '\n')) {
    if (message.empty()) {
      message.append(program).append(": ").append(kind);
    }
    message.append(ellipsize(printable(line), kMaxLine)).append("\n");
  }
  (void)write_all(STDERR_FILENO, message).has_value();
}

bool color_wanted(const std::string& choice, int fd) {
  if (choice == "always") return true;
  if (choice == "never") return false;
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  if (set("NO_COLOR")) return false;
  if (const char* force = std::getenv("CLICOLOR_FORCE"); force && *force && *force != '0')
    return true;
  const char* term = std::getenv("TERM");
  return ::isatty(fd) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

}  // namespace

void Context::warn(std::string_view text) const {
  if (!options_.quiet) say(name_, "warning: ", text);
}

void Context::log(std::string_view text) const {
  (void)write_all(STDERR_FILENO, printable(text) + "\n").has_value();
}

void Context::note(std::string_view text) const {
  if (options_.verbose > 0) say(name_, "", text);
}

Result<const Config*> Context::config() {
  if (!config_) {
    const auto path = find_config(options_.config, process_environment);
    auto loaded = load_config(path.value_or(""));
    if (!loaded) {
      // A file that cannot be read at all was named by somebody; a flag is in sight.
      const bool named_by_variable = options_.config.empty() && path == loaded.error().where;
      if (named_by_variable && path == process_environment("RZ_CONFIG")) {
        loaded.error().message += " (RZ_CONFIG names it)";
      }
      return fail(std::move(loaded).error());
    }
    config_ = std::make_unique<Config>(std::move(*loaded));
    for (const std::string& warning : config_->warnings) warn(warning);
    note(path ? "configuration: " + *path : "no configuration file; the defaults hold");
  }
  return config_.get();
}

Result<Storage*> Context::storage() {
  if (!storage_) {
    auto loaded = config();
    if (!loaded) return fail(std::move(loaded).error());
    StorageOptions options = (*loaded)->storage;
    if (!options_.storage_url.empty()) {
      options.url = options_.storage_url;
      // That of the configuration's own URL is among its warnings.
      const auto url = parse_storage_url(options.url);
      if (url && url->tls_parameters.verify == false) {
        warn("verify=false in the storage URL: the server's certificate is not verified");
      }
    }
    auto opened = open_storage(options);
    if (!opened) {
      // What is wrong with the URL itself has no place yet; with that of the file it had one.
      if (opened.error().where.empty()) opened.error().where = storage_source_;
      if (!is_outage(opened.error())) return fail(std::move(opened).error());
      opened = std::make_unique<UnreachableStorage>(opened.error(), redact_url(options.url));
    }
    storage_ = std::move(*opened);
    storage_identity_ = store_identity(options);
    note("store: " + storage_->description());
  }
  return storage_.get();
}

/// One run of a program, from argv to the exit code.
class Frame {
 public:
  explicit Frame(const ProgramInfo& info) : info_(info), app_(info.summary, info.name) {
    context_.name_ = info.name;
  }

  int run(int argc, char** argv, const std::function<void(CLI::App&, Context&)>& define) {
    add_common_options(app_, info_, context_.options_, color_);
    define(app_, context_);
    if (!context_.run) app_.require_subcommand(1);
    if (auto code = parse(argc, argv)) return *code;
    context_.out_ = std::make_unique<Output>(STDOUT_FILENO, color_wanted(color_, STDOUT_FILENO));
    int code = work();
    if (auto flushed = context_.out_->flush(); !flushed) code = report_lost_output(flushed.error());
    if (context_.threads_abandoned) ::_exit(code);
    return code;
  }

 private:
  /// The exit code if there is nothing more to do.
  std::optional<int> parse(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
      refuse_stray_arguments();
      find_storage_url();
      return std::nullopt;
    } catch (const CLI::CallForHelp&) {
      return print(app_.help());
    } catch (const CLI::CallForVersion&) {
      return print(std::string(info_.name) + " " + version() + "\n");
    } catch (const CLI::ParseError& error) {
      say(info_.name, "", usage_message(app_, info_.name, error));
      return kCouldNotTell;
    }
  }

  void find_storage_url() {
    std::string& url = context_.options_.storage_url;
    if (!url.empty()) {
      context_.storage_source_ = "--storage";
    } else if (url = process_environment("RZ_STORAGE_URL").value_or(""); !url.empty()) {
      context_.storage_source_ = "RZ_STORAGE_URL";
    }
  }

  // An argument that a subcommand does not take falls through to the bare command, which does not
  // run.
  void refuse_stray_arguments() const {
    if (app_.get_subcommands().empty()) return;
    for (const CLI::Option* option : app_.get_options()) {
      if (!option->get_positional() || option->count() == 0) continue;
      throw CLI::ExtrasError("unexpected argument '" + option->results().front() + "'",
                             CLI::ExitCodes::ExtrasError);
    }
  }

  int print(std::string_view text) {
    Output out(STDOUT_FILENO, false);
    out.write(text);
    if (auto flushed = out.flush(); !flushed) {
      if (out.closed_pipe()) return kClosedPipe;
      say(info_.name, "", to_string(flushed.error()));
      return kCouldNotTell;
    }
    return kYes;
  }

  // Code of libraries below may throw what nobody foresaw (bad_alloc above all); a person still
  // gets a message and a code that is no answer.
  int work() {
    try {
      auto code = context_.run();
      if (code) return *code;
      say(info_.name, "", to_string(code.error()));
    } catch (const std::bad_alloc&) {
      say(info_.name, "", "out of memory");
    } catch (const std::exception& error) {
      say(info_.name, "", std::string("internal error: ") + error.what());
    }
    return kCouldNotTell;
  }

  int report_lost_output(const Error& error) {
    if (context_.out_->closed_pipe()) return kClosedPipe;
    say(info_.name, "", to_string(error));
    return kCouldNotTell;
  }

  const ProgramInfo& info_;
  CLI::App app_;
  Context context_;
  std::string color_ = "auto";
};

void add_command(CLI::App& app, const std::string& name, const std::string& summary,
                 std::function<void(CLI::App&)> define) {
  CLI::App* command = app.add_subcommand(name, summary);
  command->preparse_callback(
      [command, define = std::move(define)](std::size_t) { define(*command); });
}

int run_program(int argc, char** argv, const ProgramInfo& info,
                const std::function<void(CLI::App&, Context&)>& define) {
  hold_standard_descriptors();
  // A reader that has gone and a file that may not grow (ulimit -f) are failed writes, with a
  // message, instead of the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return Frame(info).run(argc, argv, define);
}

}  // namespace rz::cli
