// The examples of the man pages are run. In a page they stand between .EX and .EE: a line `$
// COMMAND` (continued by a backslash at its end), then the output that it has, or nothing where the
// output differs from run to run; then only a code that says "could not tell" (3) or "not found"
// fails.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "golden.h"
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

std::vector<std::filesystem::path> pages() {
  std::vector<std::filesystem::path> all;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(RZ_SOURCE_DIR) + "/man")) {
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

TEST_CASE("every program has a page with its exit codes and examples, free of markup errors") {
  for (const char* name :
       {"rz", "rz-health", "rz-cascade", "rz-cond", "rz-transitions", "rz-bench", "rz-config"}) {
    const std::string path = std::string(RZ_SOURCE_DIR) + "/man/" + name + ".1";
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

}  // namespace rz::testing
