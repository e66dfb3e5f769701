#include "rz/cli/program.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <set>

#include "rz/base/file.h"
#include "rz/base/programs_that_run.h"
#include "rz/base/text.h"
#include "rz/cli/help.h"
#include "rz/cli/interrupt.h"
#include "rz/cli/progress.h"
#include "rz/cli/version.h"
#include "rz/reports/failure.h"

namespace rz::cli {
namespace {

constexpr int kClosedPipe = 128 + SIGPIPE;

// Under cron or a supervisor a standard descriptor may be closed. The next file that is opened
// would get its number, and our messages. The descriptors that replace it are open for the opposite
// direction, so that output that nobody can receive is still an error.
void hold_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    if (::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) return;
  }
}

// How many warnings are remembered, of a command that runs for months.
constexpr std::size_t kMaxTold = 1000;

// Longer than any message that people read. One that quotes a whole file given as an argument is
// longer.
constexpr std::size_t kMaxLine = 4000;

// Each line names its program, since in a log the lines of others stand between them. An indented
// line belongs to the one before it.
std::string message_of(std::string_view program, std::string_view kind, std::string_view text) {
  std::string message;
  for (std::string_view line : split(text, '\n')) {
    if (message.empty() || !(line.empty() || line.starts_with(' '))) {
      message.append(program).append(": ").append(kind);
    }
    message.append(ellipsize(printable(line), kMaxLine)).append("\n");
  }
  return message;
}

bool color_wanted(const std::string& choice, int fd) {
  if (choice == "always") return true;
  if (choice == "never") return false;
  // By no-color.org and the CLICOLOR convention these variables count only if they are not empty.
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

// A signal that arrives while a callback runs also stops the callback, which then counts as not
// ended.
ModeCallback stoppable_callback(Context& context, const CommandOptions& options) {
  return [&context, options](const CallbackRun& run) -> Result<void> {
    if (context.interrupted != 0) {
      return fail(ErrorCode::unavailable, "not run: rz was told to stop");
    }
    const Interrupt interrupt;
    auto done = fallback::command_callback(options, [&] { return interrupt.asked(); })(run);
    if (interrupt.asked()) context.interrupted = interrupt.exit_code();
    return done;
  };
}

}  // namespace

void Context::warn(std::string_view text) const {
  if (!options_.quiet) tell(message_of(name_, "warning: ", text));
}

void Context::tell(std::string message) const {
  if (options_.format == reports::Nagios::kName) {
    // Icinga 2 reads standard error as if it were the answer: the first line is the text, and a `|`
    // begins perfdata.
    const std::lock_guard lock(held_mutex_);
    for (const char c : message) held_ += c == '|' ? std::string("\u00A6") : std::string(1, c);
    return;
  }
  Waiting::make_room();
  (void)write_all(STDERR_FILENO, message).has_value();
}

Result<void> Context::flush() {
  auto flushed = out_->flush();
  const std::lock_guard lock(held_mutex_);
  (void)write_all(STDERR_FILENO, held_).has_value();
  held_.clear();
  return flushed;
}

void Context::inform(std::string_view text) const {
  if (!options_.quiet) tell(message_of(name_, "", text));
}

void Context::deliver(MetricsSink& sink) {
  (void)flush();
  if (auto delivered = sink.flush(); !delivered) {
    warn("metrics: " + to_string(delivered.error()));
  }
}

void Context::log(std::string_view text) const { tell(printable(text) + "\n"); }

void Context::note(std::string_view text) const {
  if (options_.verbose > 0) tell(message_of(name_, "", text));
}

runtime::RuntimeOptions Context::runtime_options(const Arguments& arguments) {
  runtime::RuntimeOptions options;
  options.config = arguments.text("--config");
  options.storage_url = arguments.text("--storage");
  if (!options.storage_url.empty()) {
    options.storage_source = "--storage";
  } else if (auto url = config::process_environment("RZ_STORAGE_URL"); url && !url->empty()) {
    options.storage_url = *url;
    options.storage_source = "RZ_STORAGE_URL";
  }
  // The configuration asks for the lines of a logging sink; only those of level debug also need
  // --verbose.
  options.log = [this](metrics::MetricsLogLevel level, std::string_view line) {
    if (level != metrics::MetricsLogLevel::debug || options_.verbose > 0) log(line);
  };
  options.callback = [this](const CommandOptions& program) {
    return stoppable_callback(*this, program);
  };
  return options;
}

/// One run of a program, from argv to the exit code.
class Frame {
 public:
  explicit Frame(const Program& program) : program_(program) { context_.name_ = program.name; }

  int run(const std::vector<std::string>& words) {
    Parsed parsed = parse_arguments(program_, words);
    command_ = parsed.command;
    context_.options_.format = parsed.format;
    context_.options_.pretty = parsed.pretty;
    exit_style_ = parsed.exit_style;
    return styled(run(parsed));
  }

 private:
  int run(const Parsed& parsed) {
    if (!parsed.wrong.empty()) return refuse(parsed.wrong);
    if (parsed.kind == Parsed::Kind::version) {
      return print(std::string(program_.name) + " " + version() + "\n");
    }
    if (parsed.kind == Parsed::Kind::help) {
      return print(context_.json() ? help_as_json(program_) : help_text(program_, command_));
    }
    take_common_options(parsed.arguments);
    return run(parsed.arguments);
  }

  int run(const Arguments& arguments) {
    begin_output(color_wanted(arguments.text("--color"), STDOUT_FILENO));
    int code = work(arguments);
    if (auto flushed = context_.flush(); !flushed) code = report_lost_output(flushed.error());
    if (context_.interrupted != 0) code = context_.interrupted;
    // A thread that is stuck in a check may use what the end of the program would destroy.
    if (context_.runtime().threads_abandoned) {
      end_programs();
      ::_exit(styled(code));
    }
    return code;
  }

  // With a style that knows only 0 and 1, wrong usage is 1 too.
  int styled(int code) const {
    const auto choices = split(kExitStyle.choices, '|');
    const bool known = std::find(choices.begin(), choices.end(), exit_style_) != choices.end();
    if (!known || exit_style_ == kExitStyle.preset) return code;
    return code > kYes && code <= kCouldNotTell ? kNo : code;
  }

  void take_common_options(const Arguments& arguments) {
    CommonOptions& options = context_.options_;
    options.quiet = arguments.has("--quiet");
    options.verbose = static_cast<int>(arguments.count("--verbose"));
    context_.notices_ = Notices([this](const Notice& notice) {
      if (notice.severity == Notice::Severity::warning) {
        // A command that does the same again and again would say the same again and again.
        if (told_.size() >= kMaxTold) told_.clear();
        if (told_.insert(notice.what).second) context_.warn(notice.what);
      } else {
        context_.note(notice.what);
      }
    });
    context_.runtime_ =
        std::make_unique<runtime::Runtime>(context_.runtime_options(arguments), context_.notices_);
  }

  void begin_output(bool color) {
    context_.out_ = std::make_unique<Output>(STDOUT_FILENO, color);
    if (context_.options_.pretty) context_.out_->show_pretty();
  }

  // Reports wrong usage. A line break in an argument must not look like a second message.
  int refuse(const std::string& what) {
    begin_output(false);
    print_failure({ErrorCode::invalid_argument, what, ""});
    context_.tell(message_of(program_.name, "", printable(what)));
    context_.tell("Try '" + full_name(program_, command_) + " --help'.\n");
    if (auto flushed = context_.flush(); !flushed) report_lost_output(flushed.error());
    return kCouldNotTell;
  }

  int print(std::string_view text) {
    context_.out_ = std::make_unique<Output>(STDOUT_FILENO, false);
    context_.out_->raw(text);
    if (auto flushed = context_.out_->flush(); !flushed) return report_lost_output(flushed.error());
    return kYes;
  }

  // Libraries may throw exceptions that nobody expected, bad_alloc above all. The user still gets a
  // message, and an exit code that is not an answer.
  int work(const Arguments& arguments) {
    try {
      if (const auto scope = arguments.given(kScope.name)) {
        auto right = context_.runtime().use_scope(*scope);
        if (!right) return report_failure({right.error().code, right.error().message, "--scope"});
      }
      auto code = command_->run(context_, arguments);
      if (code) return *code;
      return report_failure(code.error());
    } catch (const std::bad_alloc&) {
      return report_failure({ErrorCode::internal, "out of memory", ""});
    } catch (const std::exception& error) {
      return report_failure(
          {ErrorCode::internal, std::string("internal error: ") + error.what(), ""});
    }
  }

  int report_failure(const Error& error) {
    print_failure(error);
    // A message may have several lines; a line break in the name of a file is none of them.
    const Error shown{error.code, error.message, printable(error.where)};
    context_.tell(message_of(program_.name, "", to_string(shown)));
    return kCouldNotTell;
  }

  // With a format for programs a failure is a document too. If the command has already written
  // something, that is a document, which says itself that it is incomplete.
  void print_failure(const Error& error) {
    const auto write = reports::writer<reports::Failure>(context_.options().format);
    if (write == nullptr || context_.out_->used()) return;
    const Command& command = command_ != nullptr ? *command_ : program_.commands.front();
    write({command.schema, command.answer, error}, *context_.out_);
  }

  int report_lost_output(const Error& error) {
    if (context_.out_->closed_pipe()) return kClosedPipe;
    (void)write_all(STDERR_FILENO, message_of(program_.name, "", to_string(error))).has_value();
    return kCouldNotTell;
  }

  const Program& program_;
  const Command* command_ = nullptr;
  Context context_;
  std::string exit_style_;
  std::set<std::string> told_;  ///< The warnings so far.
};

int run_program(int argc, char** argv, const Program& program) {
  hold_standard_descriptors();
  // A closed pipe and a limit of file size (ulimit -f) become failed writes, with a message,
  // instead of ending the program by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return Frame(program).run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}

}  // namespace rz::cli
