#include "rz/fallback/callbacks/command_callback.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>

#include "rz/base/process.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/callbacks/placeholder.h"

namespace rz::fallback {
namespace {

// The kernel takes 128 KiB in one argument or variable, and 2 MiB in all of them.
constexpr std::size_t kProgramTextBytesMax = 4096;

// A clock that was set back since makes nothing early.
std::int64_t whole_seconds(Millis late) {
  return std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(late).count(), 0);
}

std::string value_of(std::string_view name, const Transition& transition) {
  if (name == "from") return to_string(transition.from);
  if (name == "to") return to_string(transition.to);
  if (name == "reason") return cut_for_program(transition.reason);
  if (name == "detail") return cut_for_program(transition.detail);
  if (name == "epoch") return transition.epoch ? std::to_string(*transition.epoch) : "";
  return format_timestamp(transition.timestamp);
}

Result<void> run(const ProcessOptions& options, CallbackOutput* output) {
  const auto ran = run_process(options);
  if (!ran) return fail(ran.error());
  if (output != nullptr) {
    if (!ran->timed_out && !ran->stopped) output->exit_code = ran->exit_code;
    output->text = ran->error + ran->output;
  }
  const std::string program = printable(options.argv.front());
  if (ran->timed_out) return fail(ErrorCode::timeout, "was stopped after its timeout", program);
  if (ran->stopped)
    return fail(ErrorCode::unavailable, "was stopped because rz was stopped", program);
  if (ran->exit_code == 0) return {};
  const std::string_view said = trim(std::string_view(ran->error).substr(0, ran->error.find('\n')));
  return fail(ErrorCode::unavailable,
              "ended with exit code " + std::to_string(ran->exit_code) +
                  (said.empty() ? "" : ": " + ellipsize(printable(said), 200)),
              program);
}

}  // namespace

std::string cut_for_program(std::string_view text) { return cut_text(text, kProgramTextBytesMax); }

std::string cut_text(std::string_view text, std::size_t most) {
  std::string cut(text.substr(0, most));
  if (cut.size() < text.size()) {
    // Not in the middle of a character: up to three bytes follow its first.
    while (!cut.empty() && (static_cast<unsigned char>(text[cut.size()]) & 0xC0) == 0x80) {
      cut.pop_back();
    }
    cut += "…";
  }
  std::replace(cut.begin(), cut.end(), '\0', '?');
  return cut;
}

std::string fill_in(const std::string& argument, const Transition& transition) {
  std::string filled;
  for (std::size_t i = 0; i < argument.size();) {
    std::size_t taken = 0;
    for (std::string_view name : placeholder_names()) {
      const std::string placeholder = "{" + std::string(name) + "}";
      if (argument.compare(i, placeholder.size(), placeholder) != 0) continue;
      filled += value_of(name, transition);
      taken = placeholder.size();
    }
    if (taken == 0) filled += argument[i++];
    i += taken;
  }
  return filled;
}

ModeCallback command_callback(CommandOptions options, std::function<bool()> stop) {
  return [options = std::move(options),
          stop = std::move(stop)](const CallbackRun& begun) -> Result<void> {
    const Transition& transition = begun;
    ProcessOptions process;
    for (const std::string& argument : options.command) {
      process.argv.push_back(fill_in(argument, transition));
    }
    process.environment = {{"RZ_FROM", value_of("from", transition)},
                           {"RZ_TO", value_of("to", transition)},
                           {"RZ_REASON", value_of("reason", transition)},
                           {"RZ_EPOCH", value_of("epoch", transition)},
                           {"RZ_DETAIL", value_of("detail", transition)},
                           {"RZ_TIMESTAMP", value_of("timestamp", transition)},
                           {"RZ_SCOPE", begun.scope},
                           {"RZ_CURRENT_MODE", to_string(begun.current_mode)},
                           {"RZ_LATE_SECONDS", std::to_string(whole_seconds(begun.late))}};
    process.timeout = options.timeout;
    process.stop = stop;
    return run(process, begun.output);
  };
}

Result<void> run_command(const CommandOptions& options) {
  ProcessOptions process;
  process.argv = options.command;
  process.timeout = options.timeout;
  return run(process, nullptr);
}

}  // namespace rz::fallback
