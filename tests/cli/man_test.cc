// The examples of the man pages are run. In a page they stand between .EX and .EE: a line `$
// COMMAND` (continued by a backslash at its end), then the output that it has, or nothing where the
// output differs from run to run; then only a code that says "could not tell" (3) or "not found"
// fails.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>

#include "golden.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/cli/programs.h"
#include "support/paths.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

struct Example {
  std::string command;
  std::string output;
  int line = 0;
};

// The escapes that man pages use in literal text.
std::string unescape(std::string line) {
  static const std::pair<const char*, const char*> kEscapes[] = {
      {"\\-", "-"},   {"\\(aq", "'"},     {"\\(dq", "\""},    {"\\(ga", "`"},
      {"\\(ha", "^"}, {"\\(ti", "~"},     {"\\&", ""},        {"\\e", "\\"},
      {"\\(bu", "•"}, {"\\[u251C]", "├"}, {"\\[u2500]", "─"}, {"\\[u2514]", "└"}};
  for (const auto& [escape, text] : kEscapes) {
    for (std::size_t at = 0; (at = line.find(escape, at)) != std::string::npos;) {
      line.replace(at, std::string(escape).size(), text);
      at += std::string(text).size();
    }
  }
  return line;
}

std::vector<Example> read_examples(const std::filesystem::path& page) {
  std::vector<Example> examples;
  std::ifstream in(page);
  std::string line;
  bool inside = false;
  bool continued = false;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line == ".EX" || line == ".EE") {
      inside = line == ".EX";
      continued = false;
      continue;
    }
    if (!inside) continue;
    line = unescape(line);
    if (continued) {
      examples.back().command += "\n" + line;
    } else if (line.starts_with("$ ")) {
      examples.push_back({line.substr(2), "", number});
    } else if (!examples.empty() && examples.back().line > 0) {
      examples.back().output += line + "\n";
      continue;
    } else {
      continue;
    }
    continued = line.ends_with("\\");
  }
  return examples;
}

/// The lines of the synopsis, without markup and brackets: the command, then each word of it.
std::vector<std::string> read_synopsis(const std::filesystem::path& page) {
  std::ifstream in(page);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const std::size_t begin = text.find(".SH SYNOPSIS\n") + 13;
  std::string plain = unescape(text.substr(begin, text.find("\n.SH ", begin) - begin));
  plain = std::regex_replace(plain, std::regex("\n\\.br\n"), "\f");
  plain = std::regex_replace(plain, std::regex("(^|\n|\f)\\.[BIR]+ "), "$1 ");
  plain = std::regex_replace(plain, std::regex("\\\\f[A-Z]|[\\[\\]\"]|\\.\\.\\."), " ");
  std::vector<std::string> lines;
  for (std::string_view each : split(plain, '\f')) {
    lines.emplace_back(trim(std::regex_replace(std::string(each), std::regex("\\s+"), " ")));
  }
  return lines;
}

/// The same of a row of the table: options, then operands, or their words.
std::string synopsis_of(const std::string& program, const Value& command) {
  constexpr std::size_t kMaxOptions = 7;
  const auto text = [](const Value& row, const char* member) {
    const std::string* found = row.find(member)->as_string();
    return found ? *found : std::string();
  };
  std::string line = program + " " + text(command, "name");
  const auto& options = *command.find("options")->as_array();
  if (options.size() > kMaxOptions) line += " OPTION";
  for (const Value& option : options) {
    if (options.size() > kMaxOptions) break;
    const bool optional = *option.find("value_optional")->as_bool();
    line += " " + text(option, "name") + (optional ? "= " : " ") + text(option, "value");
  }
  for (const Value& operand : *command.find("operands")->as_array()) {
    const bool required = *operand.find("required")->as_bool();
    const std::string words = required ? text(operand, "words") : "";
    line += " " + (words.empty() ? text(operand, "name") : words);
  }
  line = std::regex_replace(line, std::regex("[|=]"), " $& ");
  return std::string(trim(std::regex_replace(line, std::regex("\\s+"), " ")));
}

std::vector<std::filesystem::path> pages() {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_dir() + "/man")) {
    if (entry.path().extension() != ".cmake") all.push_back(entry.path());
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

TEST_CASE("the examples of the man pages answer as they say") {
  std::size_t run = 0;
  for (const auto& page : pages()) {
    const TempFolder home;
    for (const Example& example : read_examples(page)) {
      INFO(page.filename().string() << ":" << example.line << ": $ " << example.command);
      const GoldenStep step = run_step(example.command, home.path());
      CHECK(step.exit_code <= 2);
      if (!example.output.empty()) CHECK(step.output + step.error == example.output);
      ++run;
    }
  }
  CHECK(run >= 20);
}

TEST_CASE("the synopsis of every page is that of the program's table") {
  const TempFolder home;
  for (const cli::ProgramName& one : cli::kPrograms) {
    const std::string name = one.name;
    const auto help =
        parse_json(run_step("rz " + name + " --help --format json", home.path()).output);
    REQUIRE(help.has_value());
    std::vector<std::string> expected;
    for (const Value& command : *help->find("commands")->as_array()) {
      expected.push_back(synopsis_of("rz " + name, command));
    }
    CHECK(read_synopsis(test::source_dir() + "/man/rz-" + name + ".1") == expected);
  }
}

TEST_CASE("every program has a page with its exit codes and examples, free of markup errors") {
  std::vector<std::string> names = {"rz"};
  for (const cli::ProgramName& one : cli::kPrograms) names.push_back("rz-" + std::string(one.name));
  for (const std::string& name : names) {
    const std::string path = test::source_dir() + "/man/" + name + ".1";
    INFO(path);
    std::ifstream in(path);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    CHECK(text.find("\n.SH EXIT STATUS") != std::string::npos);
    CHECK(text.find("\n.SH EXAMPLES") != std::string::npos);
    CHECK(!read_examples(path).empty());
  }
  const TempFolder home;
  for (const auto& page : pages()) {
    INFO(page.string());
    const GoldenStep step =
        run_step("groff -ww -man -Tutf8 " + page.string() + " >/dev/null", home.path());
    CHECK(step.exit_code == 0);
    CHECK(step.error == "");
  }
}

TEST_CASE("the pages fit a terminal of 80 columns") {
  const TempFolder home;
  for (const auto& page : pages()) {
    INFO(page.string());
    // As man(1) formats them there.
    const GoldenStep step =
        run_step("groff -man -Tutf8 -P-cbou -rLL=78n " + page.string(), home.path());
    CHECK(step.exit_code == 0);
    for (std::string_view line : split(step.output, '\n')) {
      INFO(line);
      CHECK(display_width(line) <= 80);
    }
  }
}

}  // namespace rz::testing
