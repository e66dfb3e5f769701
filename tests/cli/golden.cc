#include "golden.h"

#include <doctest/doctest.h>

#include <fstream>

#include "rz/base/process.h"
#include "rz/base/text.h"
#include "support/paths.h"
#include "support/patience.h"

namespace rz::testing {
namespace {

void append_prefixed(std::string& out, std::string_view text, std::string_view prefix) {
  if (text.empty()) return;
  const bool complete = text.back() == '\n';
  if (complete) text.remove_suffix(1);
  for (std::string_view line : split(text, '\n')) {
    out.append(prefix);
    if (!line.empty()) out.append(" ").append(line);
    out += '\n';
  }
  // Rare enough to be spelled out where it happens.
  if (!complete) out.append(prefix).append("\\ no newline at end\n");
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

}  // namespace

GoldenFile read_golden(const std::string& path) {
  GoldenFile file{path, {}, {}};
  std::ifstream in(path);
  std::string line;
  while (std::getline(in, line)) {
    file.lines.push_back(line);
    const std::string rest = line.size() > 2 ? line.substr(2) : "";
    if (line.starts_with("$ ")) {
      file.steps.push_back({rest, "", "", 0, static_cast<int>(file.lines.size())});
    } else if (line.empty() || line.starts_with("#")) {
      continue;
    } else {
      REQUIRE_MESSAGE(!file.steps.empty(), path << ": an expectation before any command");
      GoldenStep& step = file.steps.back();
      std::string* stream = line[0] == '>' ? &step.output : line[0] == '!' ? &step.error : nullptr;
      if (stream != nullptr && line.substr(1) == "\\ no newline at end") {
        stream->pop_back();
      } else if (stream != nullptr) {
        stream->append(rest).append("\n");
      } else if (line[0] == '=') {
        step.exit_code = std::stoi(rest);
      } else {
        FAIL(path << ":" << file.lines.size() << ": a line begins with none of # $ > ! =");
      }
    }
  }
  REQUIRE_MESSAGE(!file.steps.empty(), path << ": no commands");
  return file;
}

std::string render_golden(const GoldenFile& file, const std::vector<GoldenStep>& steps) {
  std::string out;
  std::size_t next = 0;
  for (const std::string& line : file.lines) {
    if (line.starts_with("$ ")) {
      out.append(line).append("\n");
      append_prefixed(out, steps[next].output, ">");
      append_prefixed(out, steps[next].error, "!");
      if (steps[next].exit_code != 0) out += "= " + std::to_string(steps[next].exit_code) + "\n";
      ++next;
    } else if (line.empty() || line[0] == '#') {
      out.append(line).append("\n");
    }
  }
  return out;
}

GoldenStep run_step(const std::string& command, const std::string& folder) {
  ProcessOptions options;
  options.argv = {"/usr/bin/env",
                  "-i",
                  std::string("PATH=") + test::build_dir() + "/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                  "HOME=" + folder,
                  "XDG_CONFIG_HOME=" + folder + "/.config",
                  "XDG_STATE_HOME=" + folder + "/.local/state",
                  std::string("SOURCE=") + test::source_dir(),
                  "COLUMNS=80",
                  "LC_ALL=C.UTF-8",
                  "ASAN_OPTIONS=detect_leaks=0",
                  "/bin/sh",
                  "-c",
                  "cd \"$HOME\" && " + command};
  options.timeout = test::kPatience;
  const auto ran = run_process(options);
  REQUIRE_MESSAGE(ran.has_value(), to_string(ran.error()));
  REQUIRE_MESSAGE(!ran->timed_out, "still running: " << command);
  const auto neutral = [&](const std::string& text) {
    return replaced(replaced(text, folder, "$HOME"), test::source_dir(), "$SOURCE");
  };
  return {command, neutral(ran->output), neutral(ran->error), ran->exit_code, 0};
}

}  // namespace rz::testing
