#include "rz/base/same_file.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "support/temp_folder.h"

namespace rz {
namespace {

TEST_CASE("a file is known by every name that it has") {
  const TempFolder folder;
  const std::string file = folder / "file";
  SUBCASE("also one that is there") { std::ofstream(file) << "x"; }
  SUBCASE("or is not there yet") {}
  const bool there = std::filesystem::exists(file);
  CHECK(is_same_file(file, file));
  CHECK(is_same_file(file, folder / "./file"));
  CHECK_FALSE(is_same_file(file, folder / "other"));
  CHECK_FALSE(is_same_file(file, ""));
  std::filesystem::create_symlink("file", std::string(folder / "link"));
  std::filesystem::create_symlink(std::string(folder / "link"), std::string(folder / "second"));
  CHECK(is_same_file(folder / "second", file));
  if (!there) return;
  std::filesystem::create_hard_link(file, std::string(folder / "hard"));
  CHECK(is_same_file(folder / "hard", file));
}

TEST_CASE("links in a circle name no file, and end") {
  const TempFolder folder;
  std::filesystem::create_symlink("b", std::string(folder / "a"));
  std::filesystem::create_symlink("a", std::string(folder / "b"));
  CHECK_FALSE(is_same_file(folder / "a", folder / "file"));
}

}  // namespace
}  // namespace rz
