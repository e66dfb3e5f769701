#include "rz/fallback/offline/own_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

#include "fallback/fallback_support.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

unsigned permissions_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

struct OwnFileFixture {
  TempFolder folder;
  const std::string path = folder / "file";
};

TEST_CASE_FIXTURE(OwnFileFixture, "what is not there has no text, and is removed already") {
  CHECK(ok(read_own(path)) == "");
  CHECK_FALSE(ok(find_own(path)));
  CHECK(code_of(open_own(path, O_RDONLY)) == ErrorCode::not_found);
  ok(remove_own(path));
}

TEST_CASE_FIXTURE(OwnFileFixture, "what is added is there, behind what was, for its owner alone") {
  ok(append_own(path, "one\n"));
  ok(append_own(path, "two\n"));
  CHECK(ok(read_own(path)) == "one\ntwo\n");
  CHECK(permissions_of(path) == kOwnerOnly);
  ok(remove_own(path));
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE_FIXTURE(OwnFileFixture, "a link, or a file that others can write to, is refused") {
  ok(append_own(path, "mine"));
  std::filesystem::create_symlink(path, folder / "link");
  CHECK_FALSE(find_own(folder / "link"));
  CHECK_FALSE(append_own(folder / "link", "theirs"));
  REQUIRE(::chmod(path.c_str(), 0606) == 0);
  CHECK(code_of(find_own(path)) == ErrorCode::corrupt);
  CHECK(code_of(append_own(path, "theirs")) == ErrorCode::corrupt);
  CHECK(content_of(path) == "mine");
}

TEST_CASE_FIXTURE(OwnFileFixture,
                  "a folder is made with what is above it, and refused if it is anybody's") {
  ok(make_own_folder(folder / "a/b"));
  CHECK(permissions_of(folder / "a/b") == 0700);
  ok(make_own_folder(folder / "a/b"));
  REQUIRE(::chmod((folder / "a/b").c_str(), 0770) == 0);
  CHECK(code_of(make_own_folder(folder / "a/b")) == ErrorCode::corrupt);
}

TEST_CASE_FIXTURE(OwnFileFixture, "a lock has one holder, and its file and folder are made") {
  const std::string lock = folder / "a/b.lock";
  std::optional<UniqueFd> held = ok(lock_own(lock, Millis{0}));
  CHECK(permissions_of(lock) == kOwnerOnly);
  CHECK(permissions_of(folder / "a") == 0700);
  CHECK(code_of(lock_own(lock, Millis{5})) == ErrorCode::timeout);
  ok(lock_own(folder / "a/c.lock", Millis{0}));
  SUBCASE("once it is given back, another one has it") { held.reset(); }
  SUBCASE("who has a file that was removed excludes nobody") { std::filesystem::remove(lock); }
  ok(lock_own(lock, Millis{0}));
}

TEST_CASE("a short name is the same for the same text alone, and stays what it was") {
  CHECK(short_name("") == "cbf29ce484222325");
  CHECK(short_name("a") == "af63dc4c8601ec8c");
  CHECK(short_name("redis://localhost:6379/0") != short_name("redis://localhost:6379/1"));
}

}  // namespace
}  // namespace rz::fallback
