#include "golden.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

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
      if (updating()) continue;
      INFO(path << ":" << step.line << ": $ " << step.command);
      CHECK(actual.back().output == step.output);
      CHECK(actual.back().error == step.error);
      CHECK(actual.back().exit_code == step.exit_code);
    }
    if (updating()) std::ofstream(path) << render_golden(file, actual);
  }
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
