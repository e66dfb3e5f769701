#include "golden.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "support/paths.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

std::vector<std::string> golden_paths() {
  std::vector<std::string> paths;
  const std::string folder = test::source_dir() + "/tests/cli/golden";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".golden") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// A message that lists all rows of a table (formats, commands, storage schemes) names the table
/// instead: a new row changes no golden file. The tests of the table, and usage_table_test.cc, have
/// the lists.
std::string without_lists(std::string text) {
  static const std::pair<std::regex, const char*> kLists[] = {
      {std::regex("(cannot write '[^'\n]*'; use )[a-z+]+(, [a-z+]+)*"), "$1FORMATS"},
      {std::regex("(unknown command '[^'\n]*'; there are )[a-z-]+(, [a-z-]+)*"), "$1COMMANDS"},
      {std::regex("(a command is missing: )[a-z-]+(, [a-z-]+)*"), "$1COMMANDS"},
      {std::regex("(known are )memory(, [a-z+]+)*"), "$1SCHEMES"}};
  for (const auto& [list, name] : kLists) text = std::regex_replace(text, list, name);
  return text;
}

// RZ_UPDATE_GOLDEN=1 rewrites the files instead; the change is then reviewed like any other.
bool updating() { return std::getenv("RZ_UPDATE_GOLDEN") != nullptr; }

}  // namespace

TEST_CASE("the command line answers as the golden files say") {
  const auto paths = golden_paths();
  REQUIRE(!paths.empty());
  for (const std::string& path : paths) {
    const GoldenFile file = read_golden(path);
    const TempFolder home;
    std::vector<GoldenStep> actual;
    for (const GoldenStep& step : file.steps) {
      actual.push_back(run_step(step.command, home.path()));
      actual.back().output = without_lists(actual.back().output);
      actual.back().error = without_lists(actual.back().error);
      if (updating()) continue;
      INFO(path << ":" << step.line << ": $ " << step.command);
      CHECK(actual.back().output == step.output);
      CHECK(actual.back().error == step.error);
      CHECK(actual.back().exit_code == step.exit_code);
    }
    if (updating()) std::ofstream(path) << render_golden(file, actual);
  }
}

TEST_CASE("lists of a table are left out of golden files, and nothing else") {
  CHECK(without_lists("! 'rz' cannot write 'a b'; use text, health+json\n") ==
        "! 'rz' cannot write 'a b'; use FORMATS\n");
  CHECK(without_lists("unknown command 'x'; there are a, b-c\nTry") ==
        "unknown command 'x'; there are COMMANDS\nTry");
  CHECK(without_lists("a command is missing: eval, check\n") == "a command is missing: COMMANDS\n");
  CHECK(without_lists("known are memory, redis+unix\"}") == "known are SCHEMES\"}");
  const std::string kept = "no check is named 'x'; there are disk, store";
  CHECK(without_lists(kept) == kept);
}

TEST_CASE("a golden file is read and written back as it was") {
  const TempFolder folder;
  const std::string path = folder.path() + "/a.golden";
  const std::string text = "# why\n$ x\n> a\n>\n> b\n! c\n= 3\n\n$ y\n> d\n>\\ no newline at end\n";
  std::ofstream(path) << text;
  const GoldenFile file = read_golden(path);
  REQUIRE(file.steps.size() == 2);
  CHECK(file.steps[0].output == "a\n\nb\n");
  CHECK(file.steps[0].error == "c\n");
  CHECK(file.steps[0].exit_code == 3);
  CHECK(file.steps[1].output == "d");
  CHECK(render_golden(file, file.steps) == text);
}

}  // namespace rz::testing
